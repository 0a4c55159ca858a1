import assert from 'node:assert/strict';
import type { OutboxRecord, RecordData, RecordKind } from '../../../src/ports/outbox.js';
import type { StateStore } from '../../../src/ports/state-store.js';
import type { Model, ModelTicket, TicketEnd } from './model.js';

/** How a ticket's end may stand in the outbox. One that was offered a match is declined by whatever ends it. */
const ENDS: Readonly<Record<TicketEnd, readonly RecordKind[]>> = {
  matched: ['ticket.matched'],
  cancelled: ['ticket.cancelled'],
  expired: ['ticket.expired'],
  declined: ['ticket.cancelled', 'ticket.expired'],
};

interface ReplayedRoom {
  readonly opened: RecordData['room.opened'];
  readonly members: Set<string>;
  readonly messages: RecordData['message.sent'][];
  closed: number;
}

/** What somebody knows of the state who has nothing but its outbox. */
class Replay {
  readonly rooms = new Map<string, ReplayedRoom>();
  readonly created = new Map<string, RecordData['ticket.created']>();
  readonly ends = new Map<string, RecordKind[]>();

  constructor(records: readonly OutboxRecord[]) {
    assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
    for (const { kind, data } of records) this.#take(kind, data);
  }

  #take(kind: RecordKind, data: OutboxRecord['data']): void {
    if (kind === 'room.opened') {
      const opened = data as RecordData['room.opened'];
      assert.ok(!this.rooms.has(opened.room_id), 'a room is opened once');
      const members = new Set(opened.members.map(({ user_id }) => user_id));
      this.rooms.set(opened.room_id, { opened, members, messages: [], closed: 0 });
    } else if ('room_id' in data && !kind.startsWith('ticket.')) {
      const room = this.rooms.get(data.room_id);
      assert.ok(room, `${kind} follows room.opened`);
      assert.equal(room.closed, 0, `${kind} precedes room.closed`);
      if (kind === 'room.joined') room.members.add((data as RecordData['room.joined']).member.user_id);
      if (kind === 'room.left') assert.ok(room.members.delete((data as RecordData['room.left']).user_id));
      if (kind === 'room.closed') room.closed++;
      if (kind === 'message.sent') room.messages.push(data as RecordData['message.sent']);
    } else if (kind === 'ticket.created') {
      const ticket = data as RecordData['ticket.created'];
      assert.ok(!this.created.has(ticket.ticket_id), 'a ticket is created once');
      this.created.set(ticket.ticket_id, ticket);
    } else if (kind === 'ticket.moved') {
      const { ticket_id, from, pool } = data as RecordData['ticket.moved'];
      const ticket = this.created.get(ticket_id);
      assert.ok(ticket && ticket.pool === from, 'a ticket is moved from where it waits');
      this.created.set(ticket_id, { ...ticket, pool });
    } else if ('ticket_id' in data) {
      assert.ok(this.created.has(data.ticket_id), `${kind} follows ticket.created`);
      this.ends.set(data.ticket_id, [...(this.ends.get(data.ticket_id) ?? []), kind]);
    }
  }
}

/** The outbox alone tells of all rooms, who is in them and what was said, and of the one end of each ticket. */
export async function checkReplay(model: Model, store: StateStore): Promise<void> {
  const query = { limit: 1_000_000, leaseMs: 1_000 };
  const batch = await store.outbox.take('history', 'replay', query, model.now);
  const replay = new Replay(batch?.records ?? []);
  assert.deepEqual([...replay.rooms.keys()].sort(), model.rooms.map(({ id }) => id).sort());
  for (const room of model.rooms) {
    const { opened, members, messages, closed } = replay.rooms.get(room.id)!;
    const { id, kind, name, capacity, active } = room;
    assert.deepEqual([opened.room_id, opened.kind, opened.name, opened.capacity], [id, kind, name, capacity]);
    assert.equal(closed, active ? 0 : 1);
    if (active) assert.deepEqual([...members].sort(), room.members.map((member) => member.id).sort());
    assert.deepEqual(
      messages.map(({ seq, message, sender }) => ({ seq, sender: sender.user_id, text: message })),
      room.messages,
    );
  }
  const hasWaited = ({ room, order }: ModelTicket) => !room && order > 0;
  const waited = model.tickets.filter(hasWaited);
  assert.deepEqual([...replay.created.keys()].sort(), waited.map(({ id }) => id).sort());
  for (const { id, state, owners } of waited) {
    const ends = replay.ends.get(id) ?? [];
    const possible = ENDS[state as TicketEnd] as readonly RecordKind[] | undefined;
    assert.equal(ends.length, possible ? 1 : 0, `${id} is ${state}`);
    if (possible) assert.ok(possible.includes(ends[0]!), `${id} is ${state}, not ${ends[0]}`);
    assert.deepEqual(
      replay.created.get(id)!.user_ids,
      owners.map((owner) => owner.id),
    );
  }
}
