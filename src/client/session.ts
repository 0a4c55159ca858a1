import { heard } from './chat-reducer.js';
import type { ChatState } from './chat-state.js';
import type { ChatStore } from './chat-store.js';
import {
  type Connection,
  ConnectionLost,
  type Facts,
  type Following,
  type HeardEvent,
  Refusal,
  ToolFailure,
} from './connection.js';
import { LinkKeeper } from './link-keeper.js';
import { differs, reconciled } from './standing.js';
import { type Standing, standingOf } from './wire.js';

/** How often to look where one stands while waiting: estimate and reasons are not pushed. In milliseconds. */
const LOOK_EVERY_MS = 20_000;

export interface SessionOptions {
  readonly connection: Connection;
  readonly store: ChatStore;
  readonly now: () => number;
  readonly random: () => number;
  /** An event has changed the state that was `before`. */
  readonly onEvent: (event: HeardEvent, before: ChatState) => void;
  /**
   * The state agrees with what the server said. What is missing in rooms is read before one is online. `isFirst`: nothing
   * was known of the participant before.
   */
  readonly onStanding: (standing: Standing, isFirst: boolean) => Promise<void>;
  /** The server no longer knows the participant. */
  readonly onForgotten: () => void;
  /** There is a connection; one is online when this has settled. */
  readonly onConnected: () => Promise<void>;
  readonly onOnline: () => void;
}

/** Whom the client acts for. */
interface Participant {
  /** Empty: the principal's own participant. */
  readonly token: string;
  /** Of the last event heard; undefined before the first look at where one stands. */
  cursor: string | undefined;
  /** Whether what was said before has been read. */
  isRead: boolean;
}

/** One participant on one connection: calls in its name, follows its events, and keeps the state in step with the server. */
export class Session {
  readonly #options: SessionOptions;
  readonly #keeper: LinkKeeper;
  #participant: Participant | undefined;
  #following: Following | undefined;
  /** Counts followings, so that nothing of an earlier one is heard. */
  #turn = 0;
  /** Events up to this cursor are old news; with it comes the time to look where one stands. */
  #catchingUpTo: string | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #lookTimer: ReturnType<typeof setInterval> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { store, now, random, onOnline } = options;
    this.#keeper = new LinkKeeper({
      attempt: () => this.#connect(),
      show: (link) => {
        store.link(link);
        if (link.state === 'online') onOnline();
      },
      now,
      random,
    });
  }

  get online(): boolean {
    return this.#keeper.online;
  }

  get token(): string | undefined {
    return this.#participant?.token;
  }

  /** Settles after the first try to connect, however it ended. */
  async start(): Promise<void> {
    this.#lookTimer ??= setInterval(() => {
      if (this.online && this.#options.store.value.tickets.length > 0) void this.look();
    }, LOOK_EVERY_MS);
    await this.#keeper.start();
  }

  wake(): void {
    this.#keeper.wake();
  }

  async stop(): Promise<void> {
    clearInterval(this.#lookTimer);
    this.#lookTimer = undefined;
    this.#unfollow();
    this.#keeper.stop();
    await this.#options.connection.close();
  }

  /** Calls a tool in the participant's name. @throws ToolFailure, ConnectionLost, Refusal */
  async call(tool: string, args: Facts): Promise<Facts> {
    const participant = this.#participant;
    const { tries } = this.#keeper;
    const named = participant?.token ? { ...args, participant_token: participant.token } : args;
    try {
      return await this.#options.connection.call(tool, named);
    } catch (error) {
      if (error instanceof ConnectionLost) this.#keeper.lost(error.message, tries);
      if (participant && participant === this.#participant && isForgotten(error)) {
        this.become(undefined);
        this.#options.onForgotten();
      }
      throw error;
    }
  }

  /**
   * Acts for another participant, or for nobody, from now on.
   * @param cursor where a new participant begins; without it there is something to read back
   */
  become(token: string | undefined, cursor?: string): void {
    this.#unfollow();
    this.#participant = token === undefined ? undefined : { token, cursor, isRead: cursor !== undefined };
  }

  /** Follows a participant that is not followed yet. Never rejects: a lost connection is made again. */
  async follow(): Promise<void> {
    const participant = this.#participant;
    if (this.#following || !participant?.cursor) return;
    await this.#follow(participant, participant.cursor).catch(this.#lost);
  }

  /** Finds out where one stands, and follows from there. Never rejects: a lost connection is made again. */
  async takeUp(): Promise<void> {
    if (this.online) await this.#takeUp().catch(this.#lost);
  }

  /** Looks where one stands. Never rejects. */
  async look(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  async #connect(): Promise<void> {
    const { connection, store, onConnected } = this.#options;
    const facts = await connection.open();
    if (!this.#keeper.running) return connection.close();
    store.server(facts);
    await this.#takeUp();
    await onConnected();
  }

  /** Takes up the participant; another one that has come in its place meanwhile as well. */
  async #takeUp(): Promise<void> {
    for (let participant; (participant = this.#participant);) {
      await this.#resume(participant);
      if (participant === this.#participant) return;
    }
  }

  async #resume(participant: Participant): Promise<void> {
    const before = this.#options.store.value;
    const facts = await this.call('get_status', {}).catch((error: unknown) => {
      // Forgotten, or not acted for any more: then there is nothing to take up.
      if (participant === this.#participant) throw error;
    });
    if (!facts || participant !== this.#participant) return;
    const standing = standingOf(facts);
    this.#agree(before, standing);
    const from = participant.cursor ?? standing.cursor;
    this.#catchingUpTo = from === standing.cursor ? undefined : standing.cursor;
    await this.#follow(participant, from);
    await this.#options.onStanding(standing, !participant.isRead);
    participant.isRead = true;
  }

  async #follow(participant: Participant, cursor: string): Promise<void> {
    this.#unfollow();
    participant.cursor = cursor;
    const turn = this.#turn;
    const listener = {
      event: (event: HeardEvent) => {
        if (turn === this.#turn) this.#hear(participant, event);
      },
      status: (facts: Facts) => {
        if (turn === this.#turn) this.#told(standingOf(facts));
      },
    };
    const position = { participantToken: participant.token, cursor };
    const following = await this.#options.connection.follow(position, listener).catch((error: unknown) => {
      if (!(error instanceof Refusal) || error.status !== undefined) throw error;
      // The server does not know the participant or the cursor any more: the next try finds out, and begins anew.
      participant.cursor = undefined;
      throw new ConnectionLost(error.message, { cause: error });
    });
    if (turn !== this.#turn || !this.#keeper.running) return following.stop();
    this.#following = following;
    void following.ended.then(() => {
      if (turn === this.#turn) this.#lost(new ConnectionLost('The connection to the server was lost'));
    });
  }

  #unfollow(): void {
    this.#turn++;
    this.#following?.stop();
    this.#following = undefined;
  }

  readonly #lost = (error: Error): void => this.#keeper.lost(error.message);

  #hear(participant: Participant, event: HeardEvent): void {
    const { store, now, onEvent } = this.#options;
    participant.cursor = event.cursor ?? participant.cursor;
    const before = store.value;
    store.change((state) => heard(state, event, now()));
    onEvent(event, before);
    if (event.cursor !== undefined && event.cursor === this.#catchingUpTo) void this.look();
  }

  /** From connections that poll. What is new in it is looked at again: the answer may be older than the state. */
  #told(standing: Standing): void {
    const { store, onStanding } = this.#options;
    if (differs(store.value, standing)) return void this.look();
    this.#agree(store.value, standing);
    onStanding(standing, false).catch(() => undefined);
  }

  async #look(): Promise<void> {
    while (this.#lookAgain) {
      this.#lookAgain = false;
      const participant = this.#participant;
      const before = this.#options.store.value;
      const facts = participant && (await this.call('get_status', {}).catch(() => undefined));
      if (!facts || participant !== this.#participant) continue;
      const standing = standingOf(facts);
      this.#agree(before, standing);
      await this.#options.onStanding(standing, false).catch(() => undefined);
    }
  }

  #agree(before: ChatState, standing: Standing): void {
    const { store, now } = this.#options;
    store.change((state) => reconciled(before, state, standing, now()));
  }
}

const isForgotten = (error: unknown) => error instanceof ToolFailure && error.code === 'participant_not_found';
