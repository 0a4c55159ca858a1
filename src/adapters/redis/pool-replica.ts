import type { Ticket } from '../../domain/ticket.js';
import type { Relations, WaitingView } from '../../ports/state-store.js';
import { PoolQueues } from '../memory/pool-queues.js';
import { PoolView } from '../memory/pool-view.js';
import { TicketRecord } from '../memory/waiting-queue.js';
import { readTicket, type WireRelations, type WireWaiting } from './wire.js';

/** Most changes asked for at a time. */
const CHANGES_AT_ONCE = 1_000;

/** What has changed in a pool since a version, or, with `anew`, the ranges of sizes to read it from. */
export interface PoolChanges {
  readonly epoch: string;
  readonly version: number;
  /** Of those who were asked about. */
  readonly relations: readonly WireRelations[];
  readonly anew?: readonly string[];
  readonly more?: boolean;
  readonly gone?: readonly string[];
  readonly waiting?: readonly WireWaiting[];
}

/** What a replica asks the store. */
export interface PoolSource {
  changes(query: {
    readonly pool: string;
    readonly epoch: string;
    readonly since: number;
    readonly limit: number;
    readonly people: readonly string[];
  }): Promise<PoolChanges>;
  scan(pool: string, sizes: string, cursor: string): Promise<{ cursor: string; waiting: readonly WireWaiting[] }>;
}

interface Kept {
  readonly relations: Relations;
  /** Tickets that the participant is behind. */
  readonly tickets: Set<string>;
}

/** A round of reading changes that has not begun yet: whoever asks meanwhile shares it. */
interface Round {
  readonly people: Set<string>;
  readonly done: Promise<ReadonlyMap<string, Relations>>;
}

/**
 * Who waits in a pool, as this instance last read it. A view is as current as the moment it was asked for: what changed
 * since the last look is read first, and each change is read once, so that a look costs nothing for those who only wait.
 * Whether a ticket can still be had is for the claim to say.
 */
export class PoolReplica {
  #epoch = '';
  #version = 0;
  #queues = new PoolQueues<undefined>();
  readonly #records = new Map<string, TicketRecord<undefined>>();
  readonly #people = new Map<string, Kept>();
  #running: Promise<unknown> | undefined;
  #next: Round | undefined;

  constructor(
    private readonly pool: string,
    private readonly source: PoolSource,
  ) {}

  async view(subject: Ticket, people: readonly string[]): Promise<WaitingView> {
    return this.seenBy(subject, await this.#current(people));
  }

  async refresh(): Promise<void> {
    await this.#current([]);
  }

  /** What there was when it was last read. @param asked relations of those who may not wait */
  seenBy(subject: Ticket, asked?: ReadonlyMap<string, Relations>): WaitingView {
    const relations = { get: (id: string) => this.#people.get(id)?.relations ?? asked?.get(id) };
    return new PoolView(this.#queues.overlapping(subject), this.#records, relations);
  }

  /** Brings the replica up to what is there now, not to what a round found that began before. */
  #current(people: readonly string[]): Promise<ReadonlyMap<string, Relations>> {
    if (this.#next) {
      people.forEach((id) => this.#next!.people.add(id));
      return this.#next.done;
    }
    const asked = new Set(people);
    if (!this.#running) return this.#run(asked);
    const done = this.#running.then(
      () => this.#run(asked),
      () => this.#run(asked),
    );
    this.#next = { people: asked, done };
    return done;
  }

  #run(people: ReadonlySet<string>): Promise<ReadonlyMap<string, Relations>> {
    this.#next = undefined;
    const running = this.#read([...people]).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #read(people: readonly string[]): Promise<ReadonlyMap<string, Relations>> {
    for (;;) {
      const query = { pool: this.pool, epoch: this.#epoch, since: this.#version, limit: CHANGES_AT_ONCE, people };
      const { epoch, version, relations, anew, more, gone = [], waiting = [] } = await this.source.changes(query);
      if (anew) await this.#begin(anew);
      gone.forEach((id) => this.#remove(id));
      waiting.forEach((one) => this.#put(one));
      this.#epoch = epoch;
      this.#version = version;
      // What changed while the pool was read anew is read now.
      if (!anew && !more) return new Map(relations.map((one) => [one.id, new ReadRelations(one)]));
    }
  }

  async #begin(ranges: readonly string[]): Promise<void> {
    this.#queues = new PoolQueues();
    this.#records.clear();
    this.#people.clear();
    const found: WireWaiting[] = [];
    for (const sizes of ranges) {
      let cursor = '0';
      do {
        const page = await this.source.scan(this.pool, sizes, cursor);
        found.push(...page.waiting);
        cursor = page.cursor;
      } while (cursor !== '0');
    }
    // Pages come in no order, and a queue takes its junior most cheaply.
    found.sort(({ ticket: a }, { ticket: b }) => a.enqueuedAt - b.enqueuedAt || a.order - b.order);
    found.forEach((one) => this.#put(one));
  }

  #put({ ticket: wire, relations }: WireWaiting): void {
    const former = this.#records.get(wire.id);
    if (former?.ticket.version !== wire.version || former.order !== wire.order) {
      this.#remove(wire.id);
      const record = new TicketRecord<undefined>(readTicket(wire), []);
      record.order = wire.order;
      this.#records.set(wire.id, record);
      this.#queues.add(record);
    }
    for (const one of relations) {
      const { tickets } = this.#people.get(one.id) ?? { tickets: new Set() };
      this.#people.set(one.id, { relations: new ReadRelations(one), tickets: tickets.add(wire.id) });
    }
  }

  #remove(ticketId: string): void {
    const record = this.#records.get(ticketId);
    if (!record) return;
    record.queue?.remove(record);
    this.#records.delete(ticketId);
    for (const { participantId } of [record.ticket, ...record.ticket.party]) {
      const kept = this.#people.get(participantId);
      kept?.tickets.delete(ticketId);
      if (kept?.tickets.size === 0) this.#people.delete(participantId);
    }
  }
}

/** Hardly anybody is asked whom they have met. */
class ReadRelations implements Relations {
  readonly blocked: ReadonlySet<string>;
  #met: ReadonlyMap<string, number> | undefined;

  constructor(private readonly wire: WireRelations) {
    this.blocked = new Set(wire.blocked);
  }

  get met(): ReadonlyMap<string, number> {
    return (this.#met ??= this.#readMet());
  }

  #readMet(): ReadonlyMap<string, number> {
    const met = new Map<string, number>();
    const words = this.wire.met.split(' ');
    for (let i = 1; i < words.length; i += 2) met.set(words[i - 1]!, Number(words[i]));
    return met;
  }
}
