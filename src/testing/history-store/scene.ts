import type { Awaitable } from '../../ports/awaitable.js';
import type { HistoryPage, HistoryStore, SearchQuery } from '../../ports/history-store.js';
import type { OutboxRecord, RecordData, RecordedMember, RecordKind } from '../../ports/outbox.js';
import type { MessageQuery } from '../../ports/state-store.js';
import { FakeClock } from '../fake-clock.js';

/** A fresh, empty store. */
export type MakeHistoryStore = () => Awaitable<HistoryStore>;

/** What a case makes of a page: the messages' places, and where it leads. */
export interface Shown {
  readonly seqs: number[];
  readonly next: number | undefined;
  readonly previous: number | undefined;
  readonly truncated: boolean;
}

/** What one case of the contract works with: a store, a clock, and an outbox that is filled by what people do. */
export class HistoryScene {
  readonly clock = new FakeClock();
  /** Everything that has happened, in order, taken in or not. */
  readonly records: OutboxRecord[] = [];
  readonly #lastSeqs = new Map<string, number>();
  #pending: OutboxRecord[] = [];

  private constructor(readonly store: HistoryStore) {}

  static async with(make: MakeHistoryStore): Promise<HistoryScene> {
    return new HistoryScene(await make());
  }

  get now(): number {
    return this.clock.now();
  }

  record<K extends RecordKind>(kind: K, data: RecordData[K]): OutboxRecord<K> {
    const record = { id: `r${this.records.length + 1}`, kind, at: this.now, data };
    this.records.push(record);
    this.#pending.push(record);
    return record;
  }

  member(name: string, afterSeq = 0): RecordedMember {
    const principal = null;
    return { user_id: name, display_name: `Name of ${name}`, provenance: 'human', principal, after_seq: afterSeq };
  }

  /** A room of a pool; or, of a name. */
  open(roomId: string, people: readonly string[], { pool = 'default', named = false } = {}): void {
    this.record('room.opened', {
      room_id: roomId,
      kind: named ? 'named' : 'match',
      name: pool,
      capacity: people.length,
      members: people.map((name) => this.member(name)),
      reasons: [{ code: 'seniority', text: `of ${people.join(' and ')}` }],
      tickets: people.map((name) => `ticket-of-${name}`),
    });
  }

  say(roomId: string, from: string, ...texts: string[]): void {
    for (const text of texts) {
      const seq = (this.#lastSeqs.get(roomId) ?? 0) + 1;
      this.#lastSeqs.set(roomId, seq);
      const { user_id, display_name, provenance } = this.member(from);
      this.record('message.sent', {
        room_id: roomId,
        message_id: `${roomId}-${seq}`,
        seq,
        sender: { user_id, display_name, provenance },
        message: text,
        timestamp: new Date(this.now).toISOString(),
      });
      this.clock.advance(1_000);
    }
  }

  /** Says `message 1` and so on. */
  chat(roomId: string, from: string, count: number): void {
    const last = this.#lastSeqs.get(roomId) ?? 0;
    this.say(roomId, from, ...Array.from({ length: count }, (_, index) => `message ${last + index + 1}`));
  }

  join(roomId: string, name: string, afterSeq = this.#lastSeqs.get(roomId) ?? 0): void {
    this.record('room.joined', { room_id: roomId, member: this.member(name, afterSeq), reasons: [] });
  }

  leave(roomId: string, name: string): void {
    const last_seq = this.#lastSeqs.get(roomId) ?? 0;
    this.record('room.left', { room_id: roomId, user_id: name, reason: 'left', last_seq });
  }

  close(roomId: string): void {
    this.record('room.closed', { room_id: roomId, reason: 'partner_left' });
  }

  /** What has not been taken in yet, which then counts as taken in. */
  pending(): OutboxRecord[] {
    const records = this.#pending;
    this.#pending = [];
    return records;
  }

  /** Takes in what has happened since. */
  async append(): Promise<void> {
    await this.store.append(this.pending());
  }

  async page(name: string, roomId: string, query: Partial<MessageQuery> = {}): Promise<Shown | undefined> {
    const page = await this.store.messages(name, roomId, { limit: 100, ...query });
    return page && shown(page);
  }

  /** The texts that somebody may read of a room, oldest first; undefined when it was never there. */
  async texts(name: string, roomId: string): Promise<string[] | undefined> {
    const page = await this.store.messages(name, roomId, { limit: 100 });
    return page?.messages.map(({ text }) => text);
  }

  /** The texts that are found, newest first. */
  async found(name: string, text: string, query: Partial<SearchQuery> = {}): Promise<string[] | undefined> {
    const page = await this.store.search(name, { text, limit: 100, ...query });
    return page?.messages.map((message) => message.text);
  }
}

const shown = ({ messages, next, previous, truncated }: HistoryPage): Shown => ({
  seqs: messages.map(({ seq }) => seq),
  next,
  previous,
  truncated,
});
