import type { Message } from '../../domain/room.js';
import type { FoundMessage, FoundPage, HistoryPage, HistoryStore, SearchQuery } from '../../ports/history-store.js';
import type { OutboxRecord } from '../../ports/outbox.js';
import type { MessageQuery } from '../../ports/state-store.js';
import { historyPage } from '../history-page.js';
import { decodePosition, encodePosition } from '../search-position.js';
import { ofKind, type Stay, type StayEnd, staysIn } from '../stays.js';
import { searchFor, wordsOf } from './memory-history-search.js';

/** How many messages and rooms are kept; the oldest go first. */
const MESSAGES = 100_000;
const ROOMS = 10_000;

interface Room {
  readonly id: string;
  /** Whose retention it has; '' for named rooms. */
  pool: string;
  closedAt?: number;
  lastSeq: number;
  stays: Stay[];
  readonly messages: Map<number, Message>;
}

/** The history in this process, bounded, for trying it out: it is gone when the process is. */
export class MemoryHistoryStore implements HistoryStore {
  readonly #rooms = new Map<string, Room>();
  readonly #forgotten = new Set<string>();
  #messages = 0;

  append(records: readonly OutboxRecord[]): Promise<void> {
    for (const { data } of ofKind(records, 'room.opened')) {
      this.#room(data.room_id).pool = data.kind === 'match' ? data.name : '';
    }
    this.#appendStays(records);
    for (const { data } of ofKind(records, 'message.sent')) {
      const { room_id, message_id, seq, sender, message, timestamp } = data;
      const room = this.#room(room_id);
      room.lastSeq = Math.max(room.lastSeq, seq);
      if (room.messages.has(seq) || this.#forgotten.has(sender.user_id)) continue;
      room.messages.set(seq, { messageId: message_id, seq, text: message, sender, timestamp });
      this.#messages += 1;
    }
    for (const { at, data } of ofKind(records, 'room.closed')) this.#room(data.room_id).closedAt ??= at;
    for (const { data } of ofKind(records, 'participant.forgotten')) this.#forget(data.user_id);
    this.#bound();
    return Promise.resolve();
  }

  messages(participantId: string, roomId: string, query: MessageQuery): Promise<HistoryPage | undefined> {
    const room = this.#rooms.get(roomId);
    const stays = room?.stays.filter(({ member }) => member.user_id === participantId) ?? [];
    if (!room || stays.length === 0) return Promise.resolve(undefined);
    const readable = this.#readable(participantId, room);
    const { before = Infinity, after, limit } = query;
    const page =
      after === undefined
        ? readable.filter(({ seq }) => seq < before).slice(-limit)
        : readable.filter(({ seq }) => seq > after).slice(0, limit);
    return Promise.resolve(
      historyPage(page, query, {
        first: readable[0]?.seq ?? 0,
        last: readable.at(-1)?.seq ?? 0,
        after: Math.min(...stays.map(({ member }) => member.after_seq)),
        lastSeq: room.lastSeq,
      }),
    );
  }

  search(participantId: string, { text, roomId, before, limit }: SearchQuery): Promise<FoundPage | undefined> {
    const isMember = ({ stays }: Room) => stays.some(({ member }) => member.user_id === participantId);
    const rooms = [...this.#rooms.values()].filter(({ id }) => roomId === undefined || id === roomId).filter(isMember);
    if (roomId !== undefined && rooms.length === 0) return Promise.resolve(undefined);
    const position = before === undefined ? undefined : decodePosition(before);
    if (before !== undefined && !position) return Promise.resolve({ messages: [] });
    const fits = searchFor(text);
    const found = rooms
      .flatMap((room) => this.#readable(participantId, room).map((message) => ({ ...message, roomId: room.id })))
      .filter((message) => fits(wordsOf(message.text)))
      .sort(newestFirst)
      .filter((message) => {
        return !position || newestFirst({ ...position, timestamp: new Date(position.at).toISOString() }, message) < 0;
      });
    const messages = found.slice(0, limit);
    return Promise.resolve({ messages, ...(found.length > limit && { next: encodePosition(messages.at(-1)!) }) });
  }

  forget(participantId: string): Promise<number> {
    return Promise.resolve(this.#forget(participantId));
  }

  prune(retentionMs: ReadonlyMap<string, number>, now: number): Promise<number> {
    const before = this.#messages;
    for (const room of this.#rooms.values()) {
      const ms = retentionMs.get(room.pool) ?? retentionMs.get('') ?? 0;
      if (ms === 0) continue;
      this.#delete(room, ({ timestamp }) => Date.parse(timestamp) < now - ms);
      const isOver = room.closedAt !== undefined && room.closedAt < now - ms;
      if (isOver && room.messages.size === 0) this.#rooms.delete(room.id);
    }
    return Promise.resolve(before - this.#messages);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #appendStays(records: readonly OutboxRecord[]): void {
    const { begun, ended } = staysIn(records);
    for (const end of ended) this.#end(end);
    for (const stay of begun) {
      const { member, came, end, roomId } = stay;
      if (this.#forgotten.has(member.user_id)) continue;
      const { stays } = this.#room(roomId);
      const known = stays.find((each) => each.came === came && each.member.user_id === member.user_id);
      if (!known) stays.push(stay);
      else if (end) known.end ??= end;
    }
  }

  #end(end: StayEnd): void {
    const stays = this.#rooms.get(end.roomId)?.stays.filter(({ member }) => member.user_id === end.userId) ?? [];
    if (stays.some((stay) => stay.end?.went === end.went)) return;
    for (const stay of stays) stay.end ??= end;
  }

  #room(id: string): Room {
    let room = this.#rooms.get(id);
    if (!room) {
      room = { id, pool: '', lastSeq: 0, stays: [], messages: new Map() };
      this.#rooms.set(id, room);
    }
    return room;
  }

  /** Oldest first. */
  #readable(participantId: string, { stays, messages }: Room): Message[] {
    const own = stays.filter(({ member }) => member.user_id === participantId);
    return [...messages.values()]
      .filter(({ seq }) => own.some(({ member, end }) => seq > member.after_seq && seq <= (end?.lastSeq ?? Infinity)))
      .sort((a, b) => a.seq - b.seq);
  }

  #forget(participantId: string): number {
    this.#forgotten.add(participantId);
    const before = this.#messages;
    for (const room of this.#rooms.values()) {
      room.stays = room.stays.filter(({ member }) => member.user_id !== participantId);
      this.#delete(room, ({ sender }) => sender.user_id === participantId);
    }
    return before - this.#messages;
  }

  #delete(room: Room, isDoomed: (message: Message) => boolean): void {
    for (const message of room.messages.values()) {
      if (!isDoomed(message)) continue;
      room.messages.delete(message.seq);
      this.#messages -= 1;
    }
  }

  /** Rooms go as they were opened, whole. */
  #bound(): void {
    for (const room of this.#rooms.values()) {
      if (this.#rooms.size <= ROOMS && this.#messages <= MESSAGES) return;
      this.#rooms.delete(room.id);
      this.#messages -= room.messages.size;
    }
  }
}

type Place = Pick<FoundMessage, 'timestamp' | 'roomId' | 'seq'>;

function newestFirst(a: Place, b: Place): number {
  const time = Date.parse(b.timestamp) - Date.parse(a.timestamp);
  if (time !== 0) return time;
  return a.roomId === b.roomId ? b.seq - a.seq : a.roomId < b.roomId ? 1 : -1;
}
