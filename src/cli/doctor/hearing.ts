import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/client';
import { ADVICE } from './advice.js';
import { type Finding, type HearingName, no, none, yes } from './findings.js';
import type { Facts, Visitor } from './visitor.js';

/** How long a push may take until it counts as not heard, and from when on it counts as late; in milliseconds. */
const HEARD_MS = 5_000;
const LATE_MS = 2_000;
/** How long a long poll is left alone before there is something to hear. */
const WAITING_MS = 150;
/** How long a stream is left idle. */
const IDLE_MS = 25_000;

/** One visitor listens, another speaks; they are alone in a room. */
export class Hearing {
  readonly #uri: string;

  constructor(
    private readonly listener: Visitor,
    private readonly speaker: Visitor,
    private readonly roomId: string,
  ) {
    this.#uri = `chat://rooms/${roomId}`;
  }

  /** Everything but the idle stream, which takes long. */
  async examine(): Promise<Record<Exclude<HearingName, 'idle'>, Finding>> {
    const opened = await this.listener.listen(this.#uri).then(
      () => undefined,
      (error: unknown) => error,
    );
    const { push, resources } = await this.#pushes(opened);
    return {
      push,
      resources,
      uncompressed: this.#uncompressed(),
      resumption: push.outcome === 'yes' ? await this.#resumption() : none('not tried'),
      poll: await this.#poll().catch(pollFailed),
      'long-poll': await this.#longPoll().catch((error: Error) => no(error.message, ADVICE.longPoll)),
    };
  }

  /** Leaves the stream alone for a while, then looks whether it still tells. */
  async idle(): Promise<Finding> {
    const stream = this.listener.watch.streams.findLast(({ open }) => open);
    if (!stream) return no('cut already', ADVICE.idle);
    const { comments } = stream;
    const start = performance.now();
    const elapsed = () => performance.now() - start;
    while (stream.open && elapsed() < IDLE_MS) await sleep(100);
    if (!stream.open) return no(`cut after ${Math.round(elapsed() / 1000)} s`, ADVICE.idle);
    const heard = await this.#hears(await this.#say());
    const kept = stream.comments > comments ? 'keep-alives seen' : 'no keep-alive seen';
    return heard ? yes(`${IDLE_MS / 1000} s, ${kept}`) : no(`silent after ${IDLE_MS / 1000} s`, ADVICE.idle);
  }

  async #pushes(failure: unknown): Promise<Record<'push' | 'resources', Finding>> {
    const stateless = this.listener.era === '2026-07-28';
    if (failure !== undefined && stateless) {
      const push = no('the stream does not open', ADVICE.buffering);
      return { push, resources: none('not tried') };
    }
    const start = performance.now();
    const said = await this.#say();
    const heard = await this.#hears(said);
    const ms = performance.now() - start;
    if (!heard) {
      return { push: no(`nothing within ${HEARD_MS / 1000} s`, ADVICE.buffering), resources: none('not tried') };
    }
    const push = ms > LATE_MS ? no(`late, after ${Math.round(ms)} ms`, ADVICE.buffering) : yes(undefined, ms);
    const is = ({ uri }: Facts) => uri === this.#uri;
    const updated =
      failure === undefined && (await this.listener.hears('notifications/resources/updated', is, HEARD_MS));
    const resources = updated
      ? yes(undefined, performance.now() - start)
      : no(failure === undefined ? 'not told' : 'refused', ADVICE.resources);
    return { push, resources };
  }

  #uncompressed(): Finding {
    const { streams } = this.listener.watch;
    const encoding = streams.find((stream) => stream.encoding !== null)?.encoding;
    if (encoding) return no(`Content-Encoding: ${encoding}`, ADVICE.compression);
    return streams.length === 0 ? none('not tried') : yes();
  }

  async #resumption(): Promise<Finding> {
    const said = await this.listener.interrupted(this.#uri, () => this.#say());
    if (await this.#hears(said)) return yes();
    return this.listener.watch.streams.at(-1)?.open
      ? no('what came meanwhile is missing', ADVICE.lastEventId)
      : no('it does not open again', ADVICE.reopening);
  }

  async #poll(): Promise<Finding> {
    let { cursor } = await this.listener.poll(this.roomId);
    const start = performance.now();
    const said = await this.#say();
    while (performance.now() - start < HEARD_MS) {
      const { events, cursor: next } = await this.listener.poll(this.roomId, cursor as string);
      if ((events as { data: Facts }[]).some(({ data }) => isMessage(said)(data))) {
        return yes(undefined, performance.now() - start);
      }
      cursor = next;
      await sleep(WAITING_MS);
    }
    return no('what was said does not come', ADVICE.poll);
  }

  async #longPoll(): Promise<Finding> {
    const { cursor } = await this.listener.call('get_status', {});
    const waiting = this.listener.call('wait_for_message', { cursor, timeout_seconds: HEARD_MS / 1000 });
    // Whoever speaks may fail first; then nobody hears of this one.
    waiting.catch(() => undefined);
    await sleep(WAITING_MS);
    const start = performance.now();
    const said = await this.#say();
    const { events } = await waiting;
    const told = (events as { data: Facts }[]).some(({ data }) => isMessage(said)(data));
    return told ? yes(undefined, performance.now() - start) : no('what was said does not come', ADVICE.longPoll);
  }

  /** Says something; resolves with the message's id. */
  async #say(): Promise<string> {
    const { message_id: id } = await this.speaker.call('send_message', {
      room_id: this.roomId,
      message: 'Can you hear me?',
    });
    return String(id);
  }

  #hears(messageId: string): Promise<boolean> {
    return this.listener.hears('message.received', isMessage(messageId), HEARD_MS);
  }
}

const isMessage = (id: string) => (data: Facts) => data['message_id'] === id;

function pollFailed(error: unknown): Finding {
  const missing = error instanceof ProtocolError && error.code === Number(ProtocolErrorCode.MethodNotFound);
  return missing ? none('not offered') : no((error as Error).message, ADVICE.poll);
}
