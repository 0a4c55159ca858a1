import assert from 'node:assert/strict';
import type {
  OutboxBatch,
  OutboxGroup,
  OutboxRecord,
  OutboxState,
  RecordData,
  RecordKind,
} from '../../ports/outbox.js';
import type { Scene } from './scene.js';

/** How long a batch is leased in the cases, in milliseconds. */
export const LEASE_MS = 10_000;

/** Short words for what readers of the outbox do. */
export class OutboxScene {
  /** Somebody in a room of their own, whose messages fill the outbox. */
  #talker: Promise<{ readonly id: string; readonly roomId: string }> | undefined;

  constructor(private readonly scene: Scene) {}

  get now(): number {
    return this.scene.now;
  }

  async take(consumer = 'here', limit = 100, group: OutboxGroup = 'history'): Promise<OutboxBatch | undefined> {
    return this.scene.store.outbox.take(group, consumer, { limit, leaseMs: LEASE_MS }, this.now);
  }

  async acknowledge(receipt: string, consumer = 'here', group: OutboxGroup = 'history'): Promise<boolean> {
    return this.scene.store.outbox.acknowledge(group, consumer, receipt);
  }

  async release(receipt: string, consumer = 'here', group: OutboxGroup = 'history'): Promise<void> {
    await this.scene.store.outbox.release(group, consumer, receipt);
  }

  async state(group: OutboxGroup = 'history'): Promise<OutboxState> {
    return this.scene.store.outbox.state(group);
  }

  /** Everything there is; it is there afterwards as before. */
  async records(): Promise<readonly OutboxRecord[]> {
    const batch = await this.take('here', 10_000);
    if (batch) await this.release(batch.receipt);
    return batch?.records ?? [];
  }

  async facts(): Promise<(readonly [RecordKind, OutboxRecord['data']])[]> {
    return (await this.records()).map(({ kind, data }) => [kind, data] as const);
  }

  /** How tickets have ended: matched with the room, else with the reason. */
  async ends(): Promise<(readonly [RecordKind, string, string | undefined])[]> {
    const ends = ['ticket.matched', 'ticket.cancelled', 'ticket.expired'];
    return (await this.records())
      .filter(({ kind }) => ends.includes(kind))
      .map(({ kind, data }) => {
        const { ticket_id, room_id, reason } = data as { ticket_id: string; room_id?: string; reason?: string };
        return [kind, ticket_id, room_id ?? reason] as const;
      });
  }

  /** Writes so many records, each a message that is its number, and all readers forget what was before the first. */
  async fill(count: number, everyMs = 0, from = 1): Promise<void> {
    const { id, roomId } = await (this.#talker ??= this.#enter());
    for (let i = 0; i < count; i++) {
      await this.scene.say(id, roomId, `${from + i}`);
      this.scene.clock.advance(everyMs);
    }
  }

  /** The texts of messages. */
  names(records: readonly OutboxRecord[]): string[] {
    return records.map(({ data }) => (data as RecordData['message.sent']).message);
  }

  async #enter(): Promise<{ id: string; roomId: string }> {
    const id = await this.scene.person('Talker');
    const { room } = await this.scene.join(id, 'alone');
    for (const group of ['history', 'events'] as const) {
      const batch = await this.take('start', 1_000, group);
      if (batch) assert.ok(await this.acknowledge(batch.receipt, 'start', group));
    }
    return { id, roomId: room.roomId };
  }
}
