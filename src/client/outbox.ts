import { ConnectionLost, ToolFailure } from './connection.js';

/** When a failure may pass but nobody says when, in milliseconds. */
const TRY_AGAIN_MS = 1_000;

export interface OutboxOptions {
  /** @throws ToolFailure, ConnectionLost, Refusal */
  readonly send: (roomId: string, letter: Letter) => Promise<void>;
  readonly failed: (roomId: string, key: string, failure: string) => void;
  /** Whether there is anybody to send to. */
  readonly isOnline: () => boolean;
  /** Nothing of this room waits any more. */
  readonly idle: (roomId: string) => void;
}

export interface Letter {
  /** Stays the same however often it is sent, so that the server takes it once. */
  readonly key: string;
  readonly text: string;
}

interface Waiting extends Letter {
  readonly settle: () => void;
}

class Box {
  readonly letters: Waiting[] = [];
  sending = false;
  pause: ReturnType<typeof setTimeout> | undefined;
}

/** Messages on their way to the server, one after another in each room. They wait while there is no connection. */
export class Outbox {
  readonly #boxes = new Map<string, Box>();
  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Settles when the message was sent, has failed or was given up. */
  post(roomId: string, letter: Letter): Promise<void> {
    const box = this.#boxes.get(roomId) ?? new Box();
    this.#boxes.set(roomId, box);
    return new Promise((settle) => {
      box.letters.push({ ...letter, settle });
      void this.#empty(roomId, box);
    });
  }

  /** Whether messages wait or are being sent. */
  isBusy(roomId: string): boolean {
    return (this.#boxes.get(roomId)?.letters.length ?? 0) > 0;
  }

  /** Goes on after there was no connection. */
  resume(): void {
    for (const [roomId, box] of this.#boxes) void this.#empty(roomId, box);
  }

  /** Nothing more can be sent to a room. */
  abandon(roomId: string, failure: string): void {
    const box = this.#boxes.get(roomId);
    if (!box) return;
    this.#boxes.delete(roomId);
    clearTimeout(box.pause);
    for (const { key, settle } of box.letters.splice(0)) {
      this.#options.failed(roomId, key, failure);
      settle();
    }
  }

  /** Gives up what waits, without a word. */
  clear(): void {
    for (const { letters, pause } of this.#boxes.values()) {
      clearTimeout(pause);
      letters.splice(0).forEach(({ settle }) => settle());
    }
    this.#boxes.clear();
  }

  async #empty(roomId: string, box: Box): Promise<void> {
    if (box.sending || box.pause !== undefined) return;
    box.sending = true;
    for (let letter = box.letters[0]; letter && this.#options.isOnline(); letter = box.letters[0]) {
      const pauseMs = await this.#send(roomId, letter);
      if (pauseMs !== undefined) {
        if (pauseMs > 0 && box.letters[0] === letter) this.#pause(roomId, box, pauseMs);
        break;
      }
      if (box.letters[0] === letter) box.letters.shift();
      letter.settle();
    }
    box.sending = false;
    if (box.letters.length > 0) return;
    if (this.#boxes.get(roomId) === box) this.#boxes.delete(roomId);
    this.#options.idle(roomId);
  }

  /** How long to wait before it is sent again, in milliseconds; 0: until there is a connection; undefined: it is done. */
  async #send(roomId: string, letter: Letter): Promise<number | undefined> {
    try {
      await this.#options.send(roomId, letter);
      return undefined;
    } catch (error) {
      // Online all the same: then it was an earlier connection that was lost.
      if (error instanceof ConnectionLost) return this.#options.isOnline() ? TRY_AGAIN_MS : 0;
      if (error instanceof ToolFailure && error.retryable) {
        return error.retryAfterSeconds === undefined ? TRY_AGAIN_MS : Math.ceil(error.retryAfterSeconds * 1_000);
      }
      this.#options.failed(roomId, letter.key, why(error as Error));
      return undefined;
    }
  }

  #pause(roomId: string, box: Box, ms: number): void {
    box.pause = setTimeout(() => {
      box.pause = undefined;
      void this.#empty(roomId, box);
    }, ms);
  }
}

const OVER: Readonly<Record<string, string>> = {
  room_ended: 'The conversation has ended.',
  not_in_room: 'You are no longer in this conversation.',
  room_not_found: 'The server no longer knows this conversation.',
  participant_not_found: 'The server no longer knows this conversation.',
};

/** For a person: what went wrong, and what to do. */
function why(error: Error): string {
  if (!(error instanceof ToolFailure)) return error.message;
  return OVER[error.code] ?? `${error.message}. ${error.hint}`.trim();
}
