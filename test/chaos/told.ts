import type { Life } from './record.js';

/** Something that was told to the message queue: `parley.message.sent` and so on. */
export interface Told {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const ENDS = new Set(['parley.ticket.matched', 'parley.ticket.cancelled', 'parley.ticket.expired']);

/**
 * Holds what the message queue was told, in its order, against what happened: what is wrong, in words. Everybody must have
 * left everything. As it tells of every ticket and every coming and going, nothing has to be guessed.
 */
export function verifyTold(lives: readonly Life[], told: readonly Told[]): string[] {
  const wrong: string[] = [];
  const of = (type: string) => told.filter((one) => one.type === type);
  const ids = new Set(told.map(({ id }) => id));
  if (ids.size < told.length) wrong.push(`${told.length - ids.size} events were told twice`);

  const sent = of('parley.message.sent');
  const times = new Map<unknown, number>();
  const last = new Map<unknown, number>();
  for (const { data } of sent) {
    times.set(data['message_id'], (times.get(data['message_id']) ?? 0) + 1);
    const before = last.get(data['room_id']) ?? 0;
    if (data['seq'] !== before + 1)
      wrong.push(`${String(data['room_id'])}: ${String(data['seq'])} is told after ${before}`);
    last.set(data['room_id'], data['seq'] as number);
  }
  for (const { name, text, accepted } of lives.flatMap((life) =>
    life.sent.map((one) => ({ name: life.name, ...one })),
  )) {
    const count = accepted ? (times.get(accepted.messageId) ?? 0) : 1;
    if (count !== 1) wrong.push(`"${text}" of ${name} is told ${count} times`);
  }

  const ends = new Map<unknown, number>();
  for (const { data } of told.filter(({ type }) => ENDS.has(type)))
    ends.set(data['ticket_id'], (ends.get(data['ticket_id']) ?? 0) + 1);
  const created = new Set(of('parley.ticket.created').map(({ data }) => data['ticket_id']));
  for (const ticket of created) {
    if (ends.get(ticket) !== 1) wrong.push(`ticket ${String(ticket)} has ended ${ends.get(ticket) ?? 0} times`);
  }
  for (const ticket of [...ends.keys(), ...lives.flatMap(({ tickets }) => [...tickets])]) {
    if (!created.has(ticket)) wrong.push(`nothing tells of the beginning of ticket ${String(ticket)}`);
  }
  return [...wrong, ...roomsTold(lives, told)];
}

/** Rooms are opened and closed once, and nobody comes into one while in another. */
function roomsTold(lives: readonly Life[], told: readonly Told[]): string[] {
  const wrong: string[] = [];
  const inside = new Map<unknown, unknown>();
  const open = new Map<unknown, boolean>();
  for (const { type, data } of told) {
    const room = data['room_id'];
    if (type === 'parley.room.opened') {
      if (open.has(room)) wrong.push(`room ${String(room)} was opened twice`);
      open.set(room, true);
      for (const { user_id: user } of data['members'] as readonly { user_id: string }[]) {
        if (inside.has(user)) wrong.push(`${user} came into ${String(room)} while in ${String(inside.get(user))}`);
        inside.set(user, room);
      }
    } else if (type === 'parley.room.left') inside.delete(data['user_id']);
    else if (type === 'parley.room.closed') {
      if (!open.get(room)) wrong.push(`room ${String(room)} was closed while it was not open`);
      else open.set(room, false);
      for (const [user, at] of inside) if (at === room) inside.delete(user);
    }
  }
  for (const [room, isOpen] of open) if (isOpen) wrong.push(`nothing tells of the end of room ${String(room)}`);
  for (const { name, log } of lives) {
    for (const event of log) {
      const room = event.data['room_id'];
      if (event.name === 'chatroom.found' && !open.has(room))
        wrong.push(`nothing tells of ${String(room)}, where ${name} was`);
    }
  }
  return wrong;
}
