import { createHash } from 'node:crypto';
import { type Rate, TokenBucket } from '../../domain/token-bucket.js';
import {
  type Advance,
  type Attempt,
  type Attendance,
  type Claim,
  type Delivery,
  GAP,
  type Lease,
  type NewSubscription,
  type Outcome,
  type Subscribed,
  type SubscriptionLimits,
  type WebhookStore,
  type WebhookSubscription,
} from '../../ports/webhook-store.js';
import { DueQueue } from './due-queue.js';
import { Outbox, type Row } from './webhook-outbox.js';

type State = Omit<WebhookSubscription, 'pending' | 'watermark'>;

/** A subscription and its rows of the outbox, by `seq`, which is the order in which they came. */
interface Entry {
  state: State;
  readonly rows: Map<number, Row>;
}

/** Somebody's subscriptions. Participants are listed in the order of their numbers. */
interface Owner {
  readonly number: number;
  readonly entries: Map<string, Entry>;
}

/** Most verifications kept; the first to be given goes first. */
const VERIFICATIONS_MAX = 100_000;
/** Rates kept; the one that was not asked for longest starts afresh. */
const RATES_MAX = 20_000;

/** Webhook subscriptions in maps. They end with the process, as the event logs of the memory state do. */
export class MemoryWebhookStore implements WebhookStore {
  readonly #entries = new Map<string, Entry>();
  readonly #byParticipant = new Map<string, Owner>();
  #lastNumber = 0;
  readonly #expiries = new DueQueue();
  readonly #outbox = new Outbox();
  /** Until when, by participant and URL. */
  readonly #verified = new Map<string, number>();
  readonly #rates = new Map<string, TokenBucket>();
  /** Until when, by worker. */
  readonly #workers = new Map<string, number>();
  #sharedKey: string | undefined;
  #keyInUse: string | undefined;

  subscribe(input: NewSubscription, limits: SubscriptionLimits, now: number): Subscribed {
    const live = this.#live(input.id, now);
    if (live) return this.#refresh(live, input);
    const limit = this.full(input.participantId, limits, now);
    if (limit) return { status: 'refused', limit };
    const entry: Entry = { state: newState(input, now), rows: new Map() };
    this.#entries.set(input.id, entry);
    let owner = this.#byParticipant.get(input.participantId);
    if (!owner) {
      owner = { number: ++this.#lastNumber, entries: new Map() };
      this.#byParticipant.set(input.participantId, owner);
    }
    owner.entries.set(input.id, entry);
    this.#expiries.schedule(input.id, input.expiresAt);
    return { status: 'created', subscription: view(entry) };
  }

  full(participantId: string, limits: SubscriptionLimits, now: number): keyof SubscriptionLimits | undefined {
    const { perParticipant, total } = limits;
    const reached = (): keyof SubscriptionLimits | undefined => {
      if (total > 0 && this.#entries.size >= total) return 'total';
      const own = this.#byParticipant.get(participantId)?.entries.size ?? 0;
      return perParticipant > 0 && own >= perParticipant ? 'perParticipant' : undefined;
    };
    if (!reached()) return undefined;
    // What is over and not yet swept makes room.
    this.#expire(now, Infinity);
    return reached();
  }

  find(subscriptionId: string, now: number): WebhookSubscription | undefined {
    const entry = this.#live(subscriptionId, now);
    return entry && view(entry);
  }

  unsubscribe(subscriptionId: string, now: number): WebhookSubscription | undefined {
    const entry = this.#live(subscriptionId, now);
    if (!entry) return undefined;
    this.#remove(entry);
    return view(entry);
  }

  ofParticipant(participantId: string, now: number): readonly WebhookSubscription[] {
    const owner = this.#byParticipant.get(participantId);
    if (!owner) return [];
    const live: WebhookSubscription[] = [];
    for (const entry of owner.entries.values()) if (entry.state.expiresAt > now) live.push(view(entry));
    return live;
  }

  participants(after: number, limit: number, now: number) {
    const participantIds: string[] = [];
    for (const [participantId, { number }] of this.#byParticipant) {
      if (number <= after) continue;
      if (this.ofParticipant(participantId, now).length > 0) participantIds.push(participantId);
      if (participantIds.length === limit) return { participantIds, next: number };
    }
    return { participantIds, next: undefined };
  }

  advance({ subscriptionId, from, to, seqs, gap }: Advance, lease: Lease | undefined, now: number): boolean {
    const entry = this.#live(subscriptionId, now);
    if (!entry?.state.active || entry.state.seen !== from) return false;
    entry.state = { ...entry.state, seen: to, ...(gap !== undefined && { lost: true, gapDue: false }) };
    if (gap !== undefined) this.#add(entry, GAP, undefined, now, gap);
    for (const seq of seqs) this.#add(entry, seq, lease, now);
    return true;
  }

  claim(claim: Claim): readonly Delivery[] {
    const claimed = this.#outbox.claim(claim).map(({ delivery }) => delivery);
    return claimed.filter(({ subscriptionId }) => this.#live(subscriptionId, claim.now));
  }

  begin(subscriptionId: string, seq: number, lease: Lease, now: number): Attempt | undefined {
    const entry = this.#live(subscriptionId, now);
    const row = entry?.rows.get(seq);
    if (!entry || row?.owner !== lease.owner) return undefined;
    this.#outbox.hold(row, lease);
    return { delivery: row.delivery, subscription: view(entry), watermark: watermark(entry, seq) };
  }

  settle(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      const entry = this.#entries.get(outcome.subscriptionId);
      const row = entry?.rows.get(outcome.seq);
      if (entry && row?.owner === outcome.owner) this.#settle(entry, row, outcome);
    }
  }

  verified(participantId: string, url: string, now: number): boolean {
    return (this.#verified.get(urlKey(participantId, url)) ?? 0) > now;
  }

  verify(participantId: string, url: string, until: number): void {
    const key = urlKey(participantId, url);
    this.#verified.delete(key);
    if (this.#verified.size >= VERIFICATIONS_MAX) this.#verified.delete(this.#verified.keys().next().value!);
    this.#verified.set(key, until);
  }

  take(key: string, rate: Rate, now: number): number {
    const bucket = this.#rates.get(key) ?? new TokenBucket(rate, now);
    this.#rates.delete(key);
    this.#rates.set(key, bucket);
    if (this.#rates.size > RATES_MAX) this.#rates.delete(this.#rates.keys().next().value!);
    return bucket.take(now);
  }

  attend(worker: string, ttlMs: number, now: number): Attendance {
    for (const [other, until] of this.#workers) if (until <= now) this.#workers.delete(other);
    this.#workers.set(worker, now + ttlMs);
    return {
      workers: [...this.#workers.keys()].sort(),
      participants: this.#byParticipant.size,
      newest: this.#lastNumber,
    };
  }

  leave(worker: string): void {
    this.#workers.delete(worker);
  }

  sharedKey(proposed: string): string {
    return (this.#sharedKey ??= proposed);
  }

  noteKey(fingerprint: string): string | undefined {
    const before = this.#keyInUse;
    this.#keyInUse = fingerprint;
    return before;
  }

  sweep(now: number, limit: number): void {
    this.#expire(now, limit);
    let looked = 0;
    for (const [key, until] of this.#verified) {
      // They are in the order in which they were given, and so, nearly, in that of their ends.
      if (until > now || ++looked > limit) break;
      this.#verified.delete(key);
    }
  }

  counts(): { subscriptions: number; pending: number } {
    return { subscriptions: this.#entries.size, pending: this.#outbox.size };
  }

  #refresh(entry: Entry, input: NewSubscription): Subscribed {
    const before = view(entry);
    const { state } = entry;
    const rotated = state.secret !== input.secret;
    entry.state = {
      ...state,
      secret: input.secret,
      previousSecret: rotated ? state.secret : state.previousSecret,
      previousSecretUntil: rotated ? input.previousSecretUntil : state.previousSecretUntil,
      codes: input.codes,
      expiresAt: input.expiresAt,
      active: true,
      lost: false,
      gapDue: false,
      ...(!state.active && { failures: 0, failedSince: null }),
    };
    this.#expiries.schedule(input.id, input.expiresAt);
    if (!state.active) for (const row of entry.rows.values()) this.#outbox.makeReady(row);
    return { status: 'refreshed', subscription: view(entry), before };
  }

  #settle(entry: Entry, row: Row, outcome: Outcome): void {
    const { state } = entry;
    const { at } = outcome;
    switch (outcome.result) {
      case 'delivered':
        this.#drop(entry, row);
        entry.state = {
          ...state,
          lastDeliveryAt: at,
          lastError: null,
          failedSince: null,
          failures: 0,
          ...(outcome.gap !== undefined && { gapDue: false }),
        };
        if (outcome.gap !== undefined) this.#add(entry, GAP, undefined, at, outcome.gap);
        break;
      case 'refused':
        this.#drop(entry, row);
        entry.state = { ...state, lastError: outcome.category, failedSince: null, failures: 0 };
        break;
      case 'failed': {
        const { category, retryAt, suspend, pauseUntil = 0 } = outcome;
        row.delivery = { ...row.delivery, attempts: row.delivery.attempts + 1 };
        const abandoned = retryAt === null;
        const loss = abandoned && row.delivery.seq !== GAP;
        if (abandoned) this.#drop(entry, row);
        else this.#outbox.makeDue(row, retryAt);
        entry.state = {
          ...state,
          active: !suspend,
          lastError: category,
          failedSince: state.failedSince ?? at,
          failures: state.failures + 1,
          pausedUntil: Math.max(state.pausedUntil, pauseUntil),
          ...(loss && { lost: true, gapDue: true }),
        };
        if (suspend) for (const each of entry.rows.values()) this.#outbox.setAside(each);
        break;
      }
      case 'postponed':
        if (state.active) this.#outbox.makeDue(row, outcome.until);
        else this.#outbox.setAside(row);
        break;
      case 'lost':
        this.#drop(entry, row);
        entry.state = { ...state, lost: true, gapDue: true };
    }
  }

  #add(entry: Entry, seq: number, lease: Lease | undefined, now: number, messageId?: string): void {
    if (entry.rows.has(seq)) return;
    const { id: subscriptionId, participantId, endpoint } = entry.state;
    const delivery: Delivery = {
      subscriptionId,
      participantId,
      endpoint,
      seq,
      attempts: 0,
      since: now,
      ...(messageId !== undefined && { messageId }),
    };
    const row = this.#outbox.add(delivery);
    entry.rows.set(seq, row);
    if (lease) this.#outbox.hold(row, lease);
    else this.#outbox.makeReady(row);
  }

  #drop(entry: Entry, row: Row): void {
    entry.rows.delete(row.delivery.seq);
    this.#outbox.remove(row);
  }

  #live(subscriptionId: string, now: number): Entry | undefined {
    const entry = this.#entries.get(subscriptionId);
    if (!entry || entry.state.expiresAt > now) return entry;
    this.#remove(entry);
    return undefined;
  }

  #expire(now: number, limit: number): void {
    for (const id of this.#expiries.take(now, limit)) {
      const entry = this.#entries.get(id);
      if (entry) this.#remove(entry);
    }
  }

  #remove(entry: Entry): void {
    const { id, participantId } = entry.state;
    for (const row of entry.rows.values()) this.#outbox.remove(row);
    this.#entries.delete(id);
    this.#expiries.cancel(id);
    const owner = this.#byParticipant.get(participantId);
    owner?.entries.delete(id);
    if (owner?.entries.size === 0) this.#byParticipant.delete(participantId);
  }
}

const newState = (input: NewSubscription, now: number): State => ({
  ...input,
  previousSecret: null,
  createdAt: now,
  active: true,
  lost: false,
  gapDue: false,
  pausedUntil: 0,
  lastDeliveryAt: null,
  lastError: null,
  failedSince: null,
  failures: 0,
});

const view = (entry: Entry): WebhookSubscription => ({
  ...entry.state,
  pending: entry.rows.size,
  watermark: watermark(entry),
});

/** Rows come in the order of the log, so that the first of them (but a `gap`) is the oldest outstanding event. */
function watermark({ rows, state }: Entry, arrived?: number): number {
  for (const seq of rows.keys()) if (seq !== GAP && seq !== arrived) return seq - 1;
  return state.seen;
}

/** URLs may hold secrets and be long: only their digests are kept as keys. */
const urlKey = (participantId: string, url: string) =>
  createHash('sha256').update(`${participantId}\0${url}`).digest('base64url');
