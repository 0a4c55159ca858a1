import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';

/** JetStream's answers about a stream and a message that are not there. */
const NO_STREAM = 10_059;
const NO_MESSAGE = 10_037;
const NANOSECONDS = 1_000_000;
/** For how long a stream recognises repetitions, in milliseconds. */
const DUPLICATES_MS = 120_000;

export interface StreamSettings {
  /** Name of the stream. */
  readonly stream: string;
  /** What the subjects of all events begin with, e.g. `parley.<namespace>`. */
  readonly subjects: string;
  /** What a stream that has to be made keeps: the oldest go first. 0 lifts a bound. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly replicas: number;
}

/** The stream that events go into: made when it is missing, never changed when it is there. */
export class NatsStream {
  #maxMessageBytes = Infinity;

  constructor(
    private readonly manager: JetStreamManager,
    private readonly settings: StreamSettings,
  ) {}

  get name(): string {
    return this.settings.stream;
  }

  /** The largest message that the stream takes, headers included. */
  get maxMessageBytes(): number {
    return this.#maxMessageBytes;
  }

  /** Makes the stream unless it is there. */
  async ensure(): Promise<void> {
    const { config } = await this.#find();
    const { subjects } = this.settings;
    if (!config.subjects.some((pattern) => covers(pattern, `${subjects}.room.opened`))) {
      throw new Error(`it does not take ${subjects}.>`);
    }
    if (config.max_msg_size > 0) this.#maxMessageBytes = config.max_msg_size;
  }

  /** The de-duplication id of the newest message under these subjects. A stream that has gone meanwhile is made again. */
  async newestId(subjects: string): Promise<string | undefined> {
    try {
      const message = await this.manager.streams.getMessage(this.name, { last_by_subj: subjects });
      return message?.header.get('Nats-Msg-Id');
    } catch (error) {
      if (apiErrorCode(error) === NO_MESSAGE) return undefined;
      if (apiErrorCode(error) !== NO_STREAM) throw error;
      await this.ensure();
      return undefined;
    }
  }

  async #find(): Promise<{ readonly config: StreamConfig }> {
    try {
      return await this.manager.streams.info(this.name);
    } catch (error) {
      if (apiErrorCode(error) !== NO_STREAM) throw error;
      return this.#make();
    }
  }

  async #make(): Promise<{ readonly config: StreamConfig }> {
    const { stream: name, subjects, maxAgeMs, maxBytes, replicas } = this.settings;
    return this.manager.streams.add({
      name,
      subjects: [`${subjects}.>`],
      max_age: maxAgeMs * NANOSECONDS,
      max_bytes: maxBytes === 0 ? -1 : maxBytes,
      num_replicas: replicas,
      duplicate_window: Math.min(DUPLICATES_MS, maxAgeMs || DUPLICATES_MS) * NANOSECONDS,
    });
  }
}

/** Whether a pattern of NATS (`*`: one word, `>`: all that follow) stands for a subject. */
function covers(pattern: string, subject: string): boolean {
  const [wanted, words] = [pattern.split('.'), subject.split('.')];
  const open = wanted.at(-1) === '>';
  if (open) wanted.pop();
  if (open ? words.length <= wanted.length : words.length !== wanted.length) return false;
  return wanted.every((word, i) => word === '*' || word === words[i]);
}

/** JetStream's own code of a refusal; undefined for every other failure. */
export function apiErrorCode(error: unknown): number | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' ? code : undefined;
}
