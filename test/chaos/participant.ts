import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/simulation/random.js';
import type { Envelope, Era, Facts, Failure, Message } from '../support/clients.js';
import { Peer, type Places } from './peer.js';
import type { Life } from './record.js';

export interface ParticipantOptions {
  readonly name: string;
  readonly era: Era;
  /** How it hears of events. */
  readonly ear: 'stream' | 'wait';
  readonly places: Places;
  readonly first: number;
  readonly patienceMs: number;
  readonly random: Random;
  /** Most messages it says in a room before leaving it. */
  readonly says: number;
  /** Aborted when nobody is to wait any longer: what is under way then fails. */
  readonly deadline: AbortSignal;
}

/** Between two messages, in milliseconds. */
const PAUSE_MS = { least: 20, most: 150 };
/** How long somebody who hears nothing of a match waits before asking, in milliseconds. */
const ASK_MS = 5_000;
const WAIT_SECONDS = 5;
/** Between two tries of a call, in milliseconds. */
const RETRY_MS = 50;

/** Before a room is read again of which something is missing, in milliseconds. */
const READ_AGAIN_MS = 500;

/** These say that a room is over for the one who asks. */
const OVER = new Set(['room_ended', 'not_in_room', 'room_not_found', 'room_inactive']);

/**
 * Somebody who looks for a partner, says a few things, leaves and begins again, and who repeats every call until its
 * answer is known. A participant that the service has forgotten begins another life.
 */
export class Participant {
  readonly lives: Life[] = [];
  readonly #options: ParticipantOptions;
  readonly #voice: Peer;
  readonly #ear: Peer;
  readonly #listening = new AbortController();
  #hearing: Promise<void> | undefined;
  #said = 0;
  #stopped = false;
  /** How many calls were repeated because their answer was lost or said to try again. */
  repeated = 0;

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.#voice = new Peer(options);
    this.#ear = new Peer({ ...options, first: options.first + 1 });
  }

  get life(): Life {
    return this.lives.at(-1)!;
  }

  /** Becomes known to the service, and listens. To be called in calm: whoever loses this answer leaves a ghost behind. */
  async begin(): Promise<void> {
    await this.#become();
    this.#hearing = this.#hear();
  }

  /** Meets and talks until `stop`, then leaves everything. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const roomId = await this.#meet();
      if (roomId !== undefined) await this.#talk(roomId);
    }
    await this.#leaveAll();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Whether it has heard of a match since then (milliseconds since the epoch). */
  hasMet(since: number): boolean {
    const found = this.life.heard.findLast(({ event }) => event.name === 'chatroom.found');
    return found !== undefined && found.at >= since;
  }

  /** The end of the log, by the service's own word. */
  async head(): Promise<string> {
    return (await this.#insist('get_status')).cursor;
  }

  /** Reads log and rooms of every life that the service still knows; hears no more. */
  async readBack(): Promise<void> {
    this.#listening.abort();
    this.#ear.close();
    await this.#hearing;
    for (const life of this.lives) {
      if (life.forgotten) continue;
      life.log = await this.#readLog(life);
      for (const { name, data } of life.log) {
        const roomId = data['room_id'] as string;
        if (name === 'chatroom.found') life.rooms.set(roomId, await this.#readRoom(life, roomId));
      }
    }
  }

  close(): void {
    this.#listening.abort();
    this.#voice.close();
    this.#ear.close();
  }

  async #become(): Promise<void> {
    const facts = await this.#insist('enter_queue', { display_name: this.#options.name }, '');
    this.lives.push({
      name: this.#options.name,
      userId: facts.user_id,
      token: facts.participant_token,
      cursor: facts.cursor,
      sent: [],
      heard: [],
      tickets: new Set([facts.ticket_id]),
      unknownTickets: 0,
      cancellations: 0,
      left: new Map(),
      forgotten: false,
      log: [],
      rooms: new Map(),
    });
  }

  /** Enters the queue; the room in the end, or undefined when there is none and it is time to look again or to stop. */
  async #meet(): Promise<string | undefined> {
    const { life } = this;
    const isEntered = (facts: Facts) => facts.status === 'matched' || facts.status === 'already_in_chat';
    const facts = await this.#insist('enter_queue', {}, life.token, () => life.unknownTickets++);
    if (life.forgotten) return undefined;
    if (facts.ticket_id !== undefined) life.tickets.add(facts.ticket_id);
    if (isEntered(facts)) return facts.room_id;
    const asked = performance.now();
    while (!this.#stopped && performance.now() - asked < ASK_MS) {
      const found = life.heard.findLast(({ event }) => event.name === 'chatroom.found');
      const roomId = found?.event.data['room_id'] as string | undefined;
      if (roomId !== undefined && !life.left.has(roomId) && !this.#isClosed(roomId)) return roomId;
      await sleep(20);
    }
    return undefined;
  }

  async #talk(roomId: string): Promise<void> {
    const { life } = this;
    const { random, says } = this.#options;
    for (let left = random.whole(Math.min(2, says), says); left > 0 && !this.#stopped; left--) {
      await sleep(random.whole(PAUSE_MS.least, PAUSE_MS.most));
      if (this.#isClosed(roomId) || !(await this.#say(life, roomId))) return;
    }
    await this.#leave(roomId);
  }

  /** False when the room is over. */
  async #say(life: Life, roomId: string): Promise<boolean> {
    const text = `${life.name} ${++this.#said}`;
    const sent: Life['sent'][number] = { roomId, text };
    life.sent.push(sent);
    const args = { room_id: roomId, message: text, client_message_id: text };
    const facts = await this.#insist('send_message', args);
    if (facts.success) sent.accepted = { messageId: facts.message_id, seq: facts.seq, at: Date.now() };
    return sent.accepted !== undefined;
  }

  async #leave(roomId: string): Promise<void> {
    const { life } = this;
    if (!life.left.has(roomId)) life.left.set(roomId, life.heard.length);
    await this.#insist('leave_chat', { room_id: roomId });
  }

  async #leaveAll(): Promise<void> {
    for (;;) {
      this.life.cancellations++;
      await this.#insist('leave_queue');
      const { rooms = [], tickets = [] } = await this.#insist('get_status');
      for (const { room_id } of rooms) await this.#leave(room_id);
      if (rooms.length === 0 && tickets.length === 0) return;
    }
  }

  #isClosed(roomId: string): boolean {
    return this.life.heard.some(({ event }) => event.name === 'room.closed' && event.data['room_id'] === roomId);
  }

  /**
   * Repeats a call until its answer is known; empty facts when the room is over or the participant forgotten.
   * @param onRepeat before each repetition
   */
  async #insist(tool: string, args: object = {}, token = this.life.token, onRepeat?: () => void): Promise<Facts> {
    for (;;) {
      this.#options.deadline.throwIfAborted();
      const outcome = await this.#voice.call(tool, { ...args, ...(token !== '' && { participant_token: token }) });
      if (outcome.kind === 'done') return outcome.facts;
      if (outcome.kind === 'refused' && !isToRepeat(outcome.failure)) {
        if (OVER.has(outcome.failure.code)) return {} as Facts;
        if (outcome.failure.code !== 'participant_not_found') {
          throw new Error(`${tool} of ${this.#options.name}: ${outcome.failure.error}`);
        }
        if (token === '') throw new Error(`${tool} of ${this.#options.name}: nobody was named, and is not found`);
        this.life.forgotten = true;
        await this.#become();
        return {} as Facts;
      }
      this.repeated++;
      onRepeat?.();
      await sleep(RETRY_MS);
    }
  }

  async #hear(): Promise<void> {
    const { signal } = this.#listening;
    while (!signal.aborted) {
      const { life } = this;
      const cursor = life.heard.at(-1)?.event.cursor ?? life.cursor;
      const hear = (event: Envelope) => void life.heard.push({ event, at: Date.now() });
      if (this.#options.ear === 'wait') await this.#wait(life, cursor, hear);
      else await this.#listen(life, cursor, hear);
      if (!signal.aborted) await sleep(RETRY_MS);
    }
  }

  /** A stream of a participant that the service has forgotten stays silent: it ends with the life. */
  async #listen(life: Life, cursor: string, hear: (event: Envelope) => void): Promise<void> {
    const stream = new AbortController();
    const timer = setInterval(() => {
      if (life !== this.life || this.#listening.signal.aborted) stream.abort();
    }, RETRY_MS);
    await this.#ear.listen(life.token, cursor, hear, stream.signal);
    clearInterval(timer);
  }

  async #wait(life: Life, cursor: string, hear: (event: Envelope) => void): Promise<void> {
    const args = { participant_token: life.token, cursor, timeout_seconds: WAIT_SECONDS };
    const outcome = await this.#ear.call('wait_for_message', args, WAIT_SECONDS * 1_000);
    if (outcome.kind === 'done' && !this.#listening.signal.aborted) outcome.facts.events.forEach(hear);
  }

  async #readLog(life: Life): Promise<Envelope[]> {
    const log: Envelope[] = [];
    for (let cursor = life.cursor; ;) {
      const facts = await this.#insist('wait_for_message', { cursor, timeout_seconds: 0 }, life.token);
      if (facts.truncated) throw new Error(`the log of ${life.name} is no longer whole`);
      log.push(...facts.events);
      if (facts.timeout) return log;
      cursor = facts.cursor;
    }
  }

  /** All of it: what says that something is missing is asked for again, as history may be away for a moment. */
  async #readRoom(life: Life, roomId: string): Promise<Message[]> {
    const messages: Message[] = [];
    for (let after = 0; ;) {
      const args = { room_id: roomId, after, limit: 100 };
      const facts = await this.#insist('get_messages', args, life.token);
      if (facts.truncated) {
        await sleep(READ_AGAIN_MS);
        continue;
      }
      messages.push(...(facts.messages ?? []));
      if (facts.next === null || facts.next === undefined) return messages;
      after = facts.next;
    }
  }
}

const isToRepeat = ({ code, retryable }: Failure) => code === 'unavailable' || (retryable && code === 'rate_limited');
