import type { Claim, Delivery, Lease } from '../../ports/webhook-store.js';
import { DueQueue } from './due-queue.js';

/** How exactly a retry is due, in milliseconds. */
const TICK_MS = 100;

export interface Row {
  readonly key: string;
  delivery: Delivery;
  /** Who holds it, until it is due again. */
  owner: string | undefined;
}

/** Outstanding deliveries: ready to be claimed, by endpoint; due later, which is also when a lease ends; or set aside. */
export class Outbox {
  readonly #rows = new Map<string, Row>();
  readonly #ready = new Map<string, Map<string, Row>>();
  readonly #later = new DueQueue(TICK_MS);

  get size(): number {
    return this.#rows.size;
  }

  add(delivery: Delivery): Row {
    const row: Row = { key: `${delivery.subscriptionId} ${delivery.seq}`, delivery, owner: undefined };
    this.#rows.set(row.key, row);
    return row;
  }

  remove(row: Row): void {
    this.setAside(row);
    this.#rows.delete(row.key);
  }

  /** Lets a worker keep it until its lease ends. */
  hold(row: Row, { owner, until }: Lease): void {
    this.makeDue(row, until);
    row.owner = owner;
  }

  makeReady(row: Row): void {
    this.setAside(row);
    const { endpoint } = row.delivery;
    let ready = this.#ready.get(endpoint);
    if (!ready) this.#ready.set(endpoint, (ready = new Map<string, Row>()));
    ready.set(row.key, row);
  }

  makeDue(row: Row, at: number): void {
    if (row.owner === undefined) this.#unready(row);
    row.owner = undefined;
    this.#later.schedule(row.key, at);
  }

  /** Nobody holds it and nobody can claim it. */
  setAside(row: Row): void {
    if (row.owner === undefined) this.#unready(row);
    row.owner = undefined;
    this.#later.cancel(row.key);
  }

  claim({ now, lease, limit, perEndpoint, except }: Claim): Row[] {
    for (const key of this.#later.take(now)) this.makeReady(this.#rows.get(key)!);
    const claimed: Row[] = [];
    // An endpoint that was served goes to the end, so that all get their turn.
    for (const [endpoint, ready] of [...this.#ready]) {
      if (claimed.length >= limit) break;
      if (except.has(endpoint)) continue;
      let some = 0;
      for (const row of ready.values()) {
        if (some++ >= perEndpoint || claimed.length >= limit) break;
        this.hold(row, lease);
        claimed.push(row);
      }
      if (this.#ready.delete(endpoint) && ready.size > 0) this.#ready.set(endpoint, ready);
    }
    return claimed;
  }

  #unready({ key, delivery: { endpoint } }: Row): void {
    const ready = this.#ready.get(endpoint);
    if (ready?.delete(key) && ready.size === 0) this.#ready.delete(endpoint);
  }
}
