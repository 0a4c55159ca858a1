import type { ChatState } from './chat-state.js';
import { type Facts, ToolFailure } from './connection.js';
import { conversationOf, withHistory, withMessages } from './conversations.js';
import { contiguousThrough, firstSeq, lastSeq } from './entries.js';
import type { Observable } from './observable.js';
import { pageOf } from './wire.js';

/** How many messages are read back at a time. */
const PAGE = 50;
/** How many missing messages are read at a time: the most that the server gives. */
const MISSING_PAGE = 100;

/** Reads what was said: the last messages of a conversation that is new to us, missing ones, and older ones. */
export class History {
  /** By room: up to which number nothing is missing that the server would give. Absent until the room was read back. */
  readonly #through = new Map<string, number>();
  /** By room: the last message's number, as the server told it. */
  readonly #last = new Map<string, number>();
  readonly #reading = new Map<string, Promise<void>>();

  constructor(
    private readonly state: Observable<ChatState>,
    private readonly getMessages: (args: Facts) => Promise<Facts>,
    /** Own messages on their way have numbers that we will be told: nothing is missing before. */
    private readonly isSending: (roomId: string) => boolean,
  ) {}

  /** A conversation of which nothing has been said yet. */
  begin(roomId: string): void {
    if (!this.#through.has(roomId)) this.#through.set(roomId, 0);
  }

  /**
   * Reads what is missing up to the message `last`, if anything is. What a tool refuses stays missing.
   * @throws ConnectionLost, Refusal
   */
  async catchUp(roomId: string, last = 0): Promise<void> {
    this.#last.set(roomId, Math.max(last, this.#last.get(roomId) ?? 0));
    if (!this.#reading.has(roomId) && this.#missing(roomId)) this.#reading.set(roomId, this.#readMissing(roomId));
    await this.#reading.get(roomId);
  }

  /** Reads older messages in front of the first. @throws ToolFailure, ConnectionLost, Refusal */
  async older(roomId: string): Promise<void> {
    const before = firstSeq(this.#entries(roomId));
    if (before === undefined) return;
    const page = await this.#page({ room_id: roomId, before, limit: PAGE });
    this.state.set(withHistory(this.state.value, roomId, page));
  }

  forget(roomId: string): void {
    this.#through.delete(roomId);
    this.#last.delete(roomId);
  }

  clear(): void {
    this.#through.clear();
    this.#last.clear();
  }

  /** What to ask for next; undefined when nothing is missing. */
  #missing(roomId: string): Facts | undefined {
    if (this.isSending(roomId) || !conversationOf(this.state.value, roomId)) return undefined;
    const through = this.#through.get(roomId);
    if (through === undefined) return { room_id: roomId, limit: PAGE };
    const after = contiguousThrough(this.#entries(roomId), through);
    this.#through.set(roomId, after);
    return after < this.#lastOf(roomId) ? { room_id: roomId, after, limit: MISSING_PAGE } : undefined;
  }

  async #readMissing(roomId: string): Promise<void> {
    try {
      for (let args = this.#missing(roomId); args; args = this.#missing(roomId)) {
        const last = this.#lastOf(roomId);
        const page = await this.#page(args);
        const state = this.state.value;
        this.state.set('after' in args ? withMessages(state, roomId, page.messages) : withHistory(state, roomId, page));
        this.#through.set(roomId, page.messages.at(-1)?.seq ?? last);
      }
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error;
    } finally {
      this.#reading.delete(roomId);
    }
  }

  async #page(args: Facts) {
    return pageOf(await this.getMessages(args), this.state.value.me?.userId);
  }

  #entries(roomId: string) {
    return conversationOf(this.state.value, roomId)?.entries ?? [];
  }

  #lastOf(roomId: string): number {
    return Math.max(this.#last.get(roomId) ?? 0, lastSeq(this.#entries(roomId)));
  }
}
