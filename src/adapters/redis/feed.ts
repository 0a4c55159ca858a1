import type { LiveData, LiveName } from '../../domain/event.js';
import type { Elsewhere } from '../../ports/state-store.js';
import { readHeard } from './wire.js';

/** Most messages read at a time while catching up. */
const PAGE = 200;
/** How often is looked whether a published message was missed, in milliseconds. */
const LOOK_MS = 500;
/** How many calls without an answer are remembered. */
const MAX_UNANSWERED = 10_000;

interface LiveMessage {
  readonly participantId: string;
  readonly name: LiveName;
  readonly data: LiveData[LiveName];
}

interface Live {
  readonly live: LiveMessage;
}

/** What something live begins with. */
const LIVE = '{"live":';

export interface FeedSource {
  /** Messages behind a place in the feed, at most `limit`, and the place of the newest. */
  read(after: number, limit: number): Promise<{ readonly newest: number; readonly messages: readonly string[] }>;
}

/**
 * What steps of other instances write. There is a message for each call that wrote something; it is numbered by its last
 * step, names the number before it, is published, and kept in a bounded stream: a gap, a new connection, and every half
 * second is a reason to read on there.
 *
 * What this instance's own steps wrote it knows from their answers, unless the answer was lost.
 */
export class Feed {
  #place = 0;
  #isReading = false;
  #isBehind = false;
  #timer: NodeJS.Timeout | undefined;
  /** Own calls under way, with the message of theirs that came before their answer. */
  readonly #underWay = new Map<number, string | undefined>();
  /** Own calls whose answer was lost. */
  readonly #unanswered = new Set<number>();
  readonly #origin: string;

  /** @param instance name of this instance in messages: letters and digits */
  constructor(
    private readonly instance: string,
    private readonly source: FeedSource,
    private readonly elsewhere: Elsewhere,
  ) {
    this.#origin = `${instance}.`;
  }

  async start(): Promise<void> {
    this.#place = (await this.source.read(Number.MAX_SAFE_INTEGER, 1)).newest;
    this.#timer = setInterval(() => this.catchUp(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A call of this instance, by its number. End it with `answered` or `lost`. */
  begin(call: number): void {
    this.#underWay.set(call, undefined);
  }

  answered(call: number): void {
    this.#underWay.delete(call);
  }

  /** Nobody here knows what the call has written, so its message is heard like one from elsewhere. */
  lost(call: number): void {
    const message = this.#underWay.get(call);
    this.#underWay.delete(call);
    if (message !== undefined) return this.#deliver(message);
    this.#unanswered.add(call);
    if (this.#unanswered.size > MAX_UNANSWERED) this.#unanswered.delete(this.#unanswered.values().next().value!);
  }

  live(live: LiveMessage): string {
    return `0 0 ${this.instance}.0 ${JSON.stringify({ live } satisfies Live)}`;
  }

  hear(message: string): void {
    const place = placeOf(message);
    if (place === 0) return this.#take(message);
    if (place <= this.#place) return;
    // Also while reading: under load, some message is always on its way.
    if (placeBefore(message) === this.#place) return this.#moveTo(place, message);
    this.#isBehind = true;
    this.catchUp();
  }

  catchUp(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#readOn()
      // The next look tries again.
      .catch(() => undefined)
      .finally(() => (this.#isReading = false));
  }

  async #readOn(): Promise<void> {
    let newest: number;
    do {
      this.#isBehind = false;
      const from = this.#place;
      const read = await this.source.read(from, PAGE);
      newest = read.newest;
      for (const message of read.messages) {
        const place = placeOf(message);
        if (place <= this.#place) continue;
        if (placeBefore(message) > this.#place) this.elsewhere.missed();
        this.#moveTo(place, message);
      }
      // The feed no longer has it, or began anew.
      if (read.messages.length === 0 && newest !== from && this.#place === from) {
        this.#place = newest;
        this.elsewhere.missed();
      }
    } while (this.#isBehind || newest > this.#place);
  }

  #moveTo(place: number, message: string): void {
    this.#place = place;
    this.#take(message);
  }

  #take(message: string): void {
    const number = this.#ownCall(message);
    if (number === undefined) return this.#deliver(message);
    if (this.#underWay.has(number)) this.#underWay.set(number, message);
    else if (this.#unanswered.delete(number)) this.#deliver(message);
  }

  /** The number of the call that wrote the message, if it was one of this instance. */
  #ownCall(message: string): number | undefined {
    const origin = message.indexOf(' ', message.indexOf(' ') + 1) + 1;
    if (!message.startsWith(this.#origin, origin)) return undefined;
    return Number.parseInt(message.slice(origin + this.#origin.length, message.indexOf(' ', origin)), 10);
  }

  #deliver(message: string): void {
    const content = message.slice(message.indexOf('{'));
    if (!content.startsWith(LIVE)) return this.elsewhere.appended(readHeard(content));
    const { participantId, name, data } = (JSON.parse(content) as Live).live;
    this.elsewhere.live(participantId, name, data);
  }
}

/** A message is its place, the one before, its origin (an instance and the number of its call), and its content. */
const placeOf = (message: string) => Number.parseInt(message, 10);
const placeBefore = (message: string) => Number.parseInt(message.slice(message.indexOf(' ')), 10);
