import type { Envelope, Message } from '../support/clients.js';
import type { Life, Sent } from './record.js';

export interface Promises {
  /** Whether what the service said at this time (milliseconds since the epoch) may be lost, by an engine's own promise. */
  readonly mayBeLost?: (at: number) => boolean;
}

type Complain = (what: string) => void;

/**
 * Holds what the service has in the end against all that it said: what is wrong, in words; nothing when all is well. Only
 * lives that the service has not forgotten are looked at; whether it may forget any is for the caller to judge.
 */
export function verify(lives: readonly Life[], promises: Promises = {}): string[] {
  const found: string[] = [];
  const judge = new Judge(
    lives.filter(({ forgotten }) => !forgotten),
    promises.mayBeLost,
    (what) => found.push(what),
  );
  judge.judge();
  return found;
}

class Judge {
  readonly #byUser: ReadonlyMap<string, Life>;
  readonly #sent: ReadonlyMap<string, { readonly sender: Life; readonly sent: Sent }>;

  constructor(
    private readonly lives: readonly Life[],
    private readonly mayBeLost: ((at: number) => boolean) | undefined,
    private readonly complain: Complain,
  ) {
    this.#byUser = new Map(lives.map((life) => [life.userId, life]));
    this.#sent = new Map(lives.flatMap((sender) => sender.sent.map((sent) => [sent.text, { sender, sent }])));
  }

  judge(): void {
    for (const life of this.lives) {
      this.#accepted(life);
      this.#rooms(life);
      this.#received(life);
      this.#matches(life);
      this.#tickets(life);
      this.#heard(life);
    }
  }

  /** Each accepted message is in its partners' logs exactly once, and in its room as the sender was told. */
  #accepted(sender: Life): void {
    const last = new Map<string, number>();
    for (const { roomId, text, accepted } of sender.sent) {
      if (!accepted) continue;
      const { messageId, seq, at } = accepted;
      if (this.mayBeLost?.(at)) continue;
      const of = `${sender.name}: "${text}"`;
      if (seq <= (last.get(roomId) ?? 0)) this.complain(`${of} was taken out of turn`);
      last.set(roomId, seq);
      const own = sender.rooms.get(roomId)?.filter((message) => message.message_id === messageId) ?? [];
      if (own.length !== 1) this.complain(`${of} is ${own.length} times in its room`);
      else if (own[0]!.seq !== seq || own[0]!.message !== text) this.complain(`${of} is changed in its room`);
      for (const partner of this.#partners(sender, roomId)) {
        const times = messagesOf(partner.log).filter(({ data }) => data['message_id'] === messageId).length;
        if (times !== 1) this.complain(`${of} is ${times} times in the log of ${partner.name}`);
      }
    }
  }

  /** Messages of a room are numbered without gaps, and each was said once by somebody who is in it. */
  #rooms(reader: Life): void {
    for (const [roomId, messages] of reader.rooms) {
      const at = `room ${roomId} of ${reader.name}`;
      const known = new Set<string>();
      for (const [i, { seq, message, sender }] of messages.entries()) {
        if (seq !== i + 1) this.complain(`${at}: message ${i + 1} has number ${seq}`);
        if (known.has(message)) this.complain(`${at}: "${message}" is there twice`);
        known.add(message);
        this.#isSaid(at, message, sender.user_id, roomId);
      }
    }
  }

  /** Message events come in the order of their rooms, once, from the partner, and as they stand in the room. */
  #received({ name, userId, log, rooms }: Life): void {
    const at = `log of ${name}`;
    const last = new Map<string, number>();
    for (const { data } of messagesOf(log)) {
      const { room_id: roomId, seq, message, message_id, sender } = data as unknown as Message & { room_id: string };
      if (seq <= (last.get(roomId) ?? 0)) this.complain(`${at}: "${message}" is there again or out of turn`);
      last.set(roomId, seq);
      if (sender.user_id === userId) this.complain(`${at}: "${message}" is its own`);
      this.#isSaid(at, message, sender.user_id, roomId);
      if (!rooms.get(roomId)?.some((one) => one.message_id === message_id && one.seq === seq))
        this.complain(`${at}: "${message}" is not in its room`);
    }
  }

  #isSaid(at: string, text: string, userId: string, roomId: string): void {
    const known = this.#sent.get(text);
    // Somebody whose life is over may have said it.
    if (!known && !this.#byUser.has(userId)) return;
    if (known?.sender.userId !== userId || known.sent.roomId !== roomId) this.complain(`${at}: nobody said "${text}"`);
  }

  /** Everybody in a room was told of it once, and of its end; nobody is in two rooms of a pool at a time. */
  #matches({ name, userId, log, left }: Life): void {
    let current: string | undefined;
    let closed = true;
    const known = new Set<string>();
    for (const [i, event] of log.entries()) {
      const roomId = event.data['room_id'] as string;
      if (event.name === 'room.closed') {
        if (!known.has(roomId)) this.complain(`${name} was told of the end of a room it was never told of`);
        if (roomId === current && closed) this.complain(`${name} was told twice of the end of ${roomId}`);
        if (roomId === current) closed = true;
      }
      if (event.name !== 'chatroom.found') continue;
      if (known.has(roomId)) this.complain(`${name} was matched twice into ${roomId}`);
      known.add(roomId);
      const gone = current !== undefined && left.get(current);
      // Whoever left had not heard yet of what came after it.
      const hasLeft = gone !== undefined && gone !== false && gone <= i;
      if (!closed && !hasLeft && !this.mayBeLost) this.complain(`${name} is in ${current} and ${roomId} at a time`);
      [current, closed] = [roomId, false];
      const partners = event.data['partners'] as readonly { user_id: string }[];
      for (const { user_id } of partners) {
        const partner = this.#byUser.get(user_id);
        if (user_id === userId) this.complain(`${name} was matched with itself in ${roomId}`);
        if (partner && !isTold(partner, roomId, userId)) {
          this.complain(`${partner.name} was not told of ${roomId}, where ${name} is`);
        }
      }
    }
    if (!closed && current !== undefined && !left.has(current))
      this.complain(`${name} was not told of the end of ${current}`);
  }

  /** Each ticket is matched, cancelled or expired, and nothing else: every match has used up a ticket of its own. */
  #tickets({ name, log, tickets, unknownTickets, cancellations }: Life): void {
    if (this.mayBeLost) return;
    const matches = log.filter((event) => event.name === 'chatroom.found').length;
    const expired = log.filter((event) => event.name === 'queue.expired').length;
    if (matches + expired > tickets.size + unknownTickets)
      this.complain(`${name} had ${tickets.size} tickets, ${matches} matches and ${expired} expiries`);
    if (matches + expired + cancellations < tickets.size)
      this.complain(`${name}: of ${tickets.size} tickets only ${matches + expired + cancellations} have ended`);
  }

  /** What was heard live is the log: nothing left out, nothing twice, nothing else. */
  #heard({ name, heard, log }: Life): void {
    if (this.mayBeLost) return;
    for (const [i, { event }] of heard.entries()) {
      if (event.event_id === log[i]?.event_id) continue;
      return this.complain(`${name} heard ${event.name} as number ${i + 1}, where its log has ${log[i]?.name}`);
    }
    if (heard.length < log.length) this.complain(`${name} heard ${heard.length} of ${log.length} events`);
  }

  #partners({ userId, log }: Life, roomId: string): Life[] {
    const found = log.find(({ name, data }) => name === 'chatroom.found' && data['room_id'] === roomId);
    const partners = (found?.data['partners'] ?? []) as readonly { user_id: string }[];
    return partners.flatMap(({ user_id }) => (user_id === userId ? [] : (this.#byUser.get(user_id) ?? [])));
  }
}

const messagesOf = (log: readonly Envelope[]) => log.filter(({ name }) => name === 'message.received');

const isTold = ({ log }: Life, roomId: string, partnerId: string) =>
  log.some(
    ({ name, data }) =>
      name === 'chatroom.found' &&
      data['room_id'] === roomId &&
      (data['partners'] as readonly { user_id: string }[]).some(({ user_id }) => user_id === partnerId),
  );
