import type { LiveData, LiveName } from '../../domain/event.js';
import type { Elsewhere } from '../../ports/state-store.js';
import { readAppended, type Written } from './wire.js';

/** Most messages read at a time while catching up. */
const PAGE = 200;
/** How often is looked whether a published message was missed, in milliseconds. */
const LOOK_MS = 500;
/** How many calls without an answer are remembered. */
const MAX_UNANSWERED = 10_000;

type Message = Written | { readonly live: LiveMessage };

interface LiveMessage {
  readonly participantId: string;
  readonly name: LiveName;
  readonly data: LiveData[LiveName];
}

export interface FeedSource {
  /** Messages behind a place in the feed, at most `limit`, and the place of the newest. */
  read(after: number, limit: number): Promise<{ readonly newest: number; readonly messages: readonly string[] }>;
}

/**
 * What steps of other instances write. Messages are numbered without gaps, published, and kept in a bounded stream: a
 * gap, a new connection, and every half second is a reason to read on there.
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

  /** @param instance name of this instance in messages: letters and digits */
  constructor(
    private readonly instance: string,
    private readonly source: FeedSource,
    private readonly elsewhere: Elsewhere,
  ) {}

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
    return `0 ${this.instance}.0 ${JSON.stringify({ live })}`;
  }

  hear(message: string): void {
    const place = placeOf(message);
    if (place === 0) this.#take(message);
    else if (this.#isReading) this.#isBehind = true;
    else if (place === this.#place + 1) this.#moveTo(place, message);
    else if (place > this.#place) this.catchUp();
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
      const read = await this.source.read(this.#place, PAGE);
      newest = read.newest;
      for (const message of read.messages) {
        const place = placeOf(message);
        if (place > this.#place + 1) this.elsewhere.missed();
        if (place > this.#place) this.#moveTo(place, message);
      }
      // The feed no longer has it, or began anew.
      if (read.messages.length === 0 && newest !== this.#place) {
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
    const [instance, number] = originOf(message);
    if (instance !== this.instance) return this.#deliver(message);
    if (this.#underWay.has(number)) this.#underWay.set(number, message);
    else if (this.#unanswered.delete(number)) this.#deliver(message);
  }

  #deliver(message: string): void {
    const content = JSON.parse(message.slice(message.indexOf('{'))) as Message;
    if (!('live' in content)) return this.elsewhere.appended(readAppended(content));
    const { participantId, name, data } = content.live;
    this.elsewhere.live(participantId, name, data);
  }
}

/** A message is its place, its origin and its content. */
const placeOf = (message: string) => Number.parseInt(message, 10);

function originOf(message: string): readonly [instance: string, call: number] {
  const [, instance = '', call = ''] = /^\d+ (\w+)\.(\d+) /.exec(message) ?? [];
  return [instance, Number(call)];
}
