import type { PublicProfile, Sender } from '../../domain/participant.js';
import { Ring } from '../../domain/ring.js';
import type { Message, MessagePage, RoomKind, RoomView } from '../../domain/room.js';
import type { Ticket } from '../../domain/ticket.js';
import type { MessageQuery } from '../../ports/state-store.js';

/** How many sent messages of a member stay known by `client_message_id`, and former members by id. */
const REMEMBERED = 1_000;

/** What somebody may read of a room, and how far they have. */
interface Membership {
  /** Messages after this one are theirs to read. */
  readonly from: number;
  /** Set when they left: messages after this one are not. */
  to?: number;
  read: number;
}

/** What a room remembers so that seats which become free can be filled. */
export interface Backfill {
  /** The tickets by which its members came, by member. */
  readonly tickets: Map<string, Ticket>;
  /** Participants its members are not to be offered again. */
  avoid: readonly string[];
  /** Of the ticket that stands for the room. */
  version: number;
}

/** What a room needs to know of a member. */
interface Member {
  readonly id: string;
  readonly profile: PublicProfile;
  readonly sender: Sender;
}

/** A sender who is forgotten. */
export const nameless = (sender: Sender): Sender => ({ ...sender, display_name: 'Anonymous' });

/** Takes text and name from a message if this participant has sent it. */
export function eraseOf(participantId: string, message: Message): void {
  const { sender } = message;
  if (sender.user_id === participantId) Object.assign(message, { text: '', sender: nameless(sender) });
}

/** How many rooms were opened. */
let opened = 0;

/** A room: its members in the order they came, and its bounded message log. */
export class RoomRecord<M extends Member> {
  readonly members = new Map<string, M>();
  readonly messages: Ring<Message>;
  active = true;
  /** Whether an operator watches. */
  supervised = false;
  /** Set when seats that become free are filled. */
  backfill: Backfill | undefined;
  /** Grows from room to room. */
  readonly order = ++opened;
  readonly #memberships = new Map<string, Membership>();
  #sent: Map<string, Message> | undefined;

  constructor(
    readonly id: string,
    readonly kind: RoomKind,
    readonly name: string,
    readonly capacity: number,
    history: number,
    /** Milliseconds since the epoch. */
    readonly openedAt: number,
  ) {
    this.messages = new Ring(history);
  }

  admit(member: M): void {
    const last = this.messages.last;
    const { from, read } = this.#memberships.get(member.id) ?? { from: last, read: last };
    this.#memberships.delete(member.id);
    this.#memberships.set(member.id, { from, read });
    this.members.set(member.id, member);
    this.#forgetOldestFormer();
  }

  dismiss(member: M): void {
    this.members.delete(member.id);
    this.backfill?.tickets.delete(member.id);
    this.#memberships.get(member.id)!.to = this.messages.last;
  }

  /** The message after which all are somebody's to read who is, or once was, a member. */
  readableAfter(participantId: string): number {
    return this.#memberships.get(participantId)!.from;
  }

  /** Whether somebody is, or once was, a member. */
  knows(participantId: string): boolean {
    return this.#memberships.has(participantId);
  }

  /** Everybody who is, or once was, a member. */
  get everybody(): Iterable<string> {
    return this.#memberships.keys();
  }

  /** Takes text and name from what somebody has said here who is no member any more, and forgets that they were one. */
  erase(participantId: string): void {
    this.#memberships.delete(participantId);
    this.messages.slice(this.messages.first, this.messages.last).forEach((message) => eraseOf(participantId, message));
    for (const key of this.#sent?.keys() ?? []) if (key.startsWith(`${participantId} `)) this.#sent!.delete(key);
  }

  others(participantId: string): M[] {
    return [...this.members.values()].filter((member) => member.id !== participantId);
  }

  remember(participantId: string, clientMessageId: string, message: Message): void {
    this.#sent ??= new Map();
    this.#sent.set(`${participantId} ${clientMessageId}`, message);
    if (this.#sent.size > REMEMBERED * this.capacity) this.#sent.delete(this.#sent.keys().next().value!);
  }

  sent(participantId: string, clientMessageId: string): Message | undefined {
    return this.#sent?.get(`${participantId} ${clientMessageId}`);
  }

  markRead(participantId: string, seq: number): void {
    const membership = this.#memberships.get(participantId);
    if (membership) membership.read = Math.max(membership.read, seq);
  }

  /** Reads a page of what somebody may read, and marks it read. */
  page(participantId: string, query: MessageQuery): MessagePage {
    const { from, to } = this.#memberships.get(participantId)!;
    const page = this.read(query, from, to);
    if (page.messages.length > 0) this.markRead(participantId, page.messages.at(-1)!.seq);
    return page;
  }

  /** The last messages that somebody may read, oldest first. */
  lastFor(participantId: string, limit: number): readonly Message[] {
    const { from, to } = this.#memberships.get(participantId)!;
    return this.read({ limit }, from, to).messages;
  }

  /** Reads a page of the messages after `from` up to `to`. */
  read({ before, after, limit }: MessageQuery, from = 0, to = this.messages.last): MessagePage {
    const first = Math.max(from + 1, this.messages.first);
    const behind = Math.min(before ?? to + 1, to + 1);
    const begin = after !== undefined ? Math.max(after + 1, first) : Math.max(behind - limit, first);
    const end = after !== undefined ? Math.min(begin + limit - 1, to) : behind - 1;
    const messages = begin <= end ? this.messages.slice(begin, end) : [];
    const wanted = after !== undefined ? after + 1 : from + 1;
    return {
      messages,
      ...(end < to && messages.length > 0 && { next: end }),
      ...(begin > first && { previous: begin }),
      truncated: begin === first && wanted < this.messages.first && from + 1 < this.messages.first,
    };
  }

  view(participantId: string): RoomView {
    const members = [...this.members.values()].map((member) => member.sender);
    return {
      roomId: this.id,
      kind: this.kind,
      name: this.name,
      active: this.active,
      capacity: this.capacity,
      members,
      partners: this.others(participantId).map((member) => member.profile),
      lastSeq: this.messages.last,
      unread: this.#unread(participantId),
      supervised: this.supervised,
    };
  }

  #unread(participantId: string): number {
    const { read, to = this.messages.last } = this.#memberships.get(participantId)!;
    if (read >= to) return 0;
    return this.messages.slice(read + 1, to).filter((message) => message.sender.user_id !== participantId).length;
  }

  #forgetOldestFormer(): void {
    if (this.#memberships.size <= REMEMBERED) return;
    for (const id of this.#memberships.keys()) {
      if (this.members.has(id)) continue;
      this.#memberships.delete(id);
      return;
    }
  }
}
