import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { CloudEvent, EventPublisher } from '../../ports/event-publisher.js';
import { EventsUrlError, NatsConnection } from './nats-connection.js';
import { apiErrorCode, NatsStream, type StreamSettings } from './nats-stream.js';

/** How long the queue may take to say that it has stored an event, in milliseconds. */
const ACKNOWLEDGE_MS = 10_000;
/** What a message is larger than its event, at most, in bytes: its headers. */
const HEADERS_BYTES = 1_024;
/** Every event but one with a long text is smaller; a server that takes less is of no use. */
const MINIMUM_BYTES = 65_536;

const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';
/** JetStream's answer when the event before is not the newest in the stream. */
const WRONG_LAST_ID = 10_070;

export interface NatsPublisherOptions extends StreamSettings {
  readonly url: string;
  /** A `.creds` file; read again for each connection. */
  readonly credentialsFile: string | null;
}

/** Events in a stream of NATS JetStream, each under a subject of its kind: `parley.<namespace>.room.opened`. */
export class NatsEventPublisher implements EventPublisher {
  readonly #jetstream: JetStreamClient;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly stream: NatsStream,
    private readonly subjects: string,
    manager: JetStreamManager,
  ) {
    this.#jetstream = manager.jetstream();
  }

  /** @throws EventsUrlError one clear line when there is no JetStream to be used at that address */
  static async open({ url, credentialsFile, ...settings }: NatsPublisherOptions): Promise<NatsEventPublisher> {
    const connection = await NatsConnection.open(url, credentialsFile);
    try {
      const manager = await connection.manager();
      const stream = new NatsStream(manager, settings);
      await stream.ensure().catch((error: Error) => {
        throw new EventsUrlError(`EVENTS_URL: ${connection.shown}: ${streamFailure(settings.stream, error)}`);
      });
      const publisher = new NatsEventPublisher(connection, stream, settings.subjects, manager);
      if (publisher.maxBytes >= MINIMUM_BYTES) return publisher;
      throw new EventsUrlError(
        `EVENTS_URL: ${connection.shown} takes messages of at most ${publisher.maxBytes + HEADERS_BYTES} bytes; ` +
          `${MINIMUM_BYTES + HEADERS_BYTES} are needed`,
      );
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get maxBytes(): number {
    return Math.min(this.connection.maxPayload, this.stream.maxMessageBytes) - HEADERS_BYTES;
  }

  /** Whether it is connected. */
  get reachable(): boolean {
    return this.connection.isReady;
  }

  /** Called by Nest when everything else has stopped. */
  onApplicationShutdown(): Promise<void> {
    return this.connection.close();
  }

  async publish(events: readonly CloudEvent[]): Promise<void> {
    this.connection.requireReady();
    // Of an attempt that failed, here or in an instance that is gone, the beginning may be there.
    let rest = events.slice(events.findIndex(sameAs(await this.#newest())) + 1);
    while (rest.length > 0) rest = rest.slice(await this.#publishInARow(rest));
  }

  /**
   * Sends all at once, each on condition that the one before is the newest in the stream, so that a failure leaves no
   * gap behind. @returns how many were stored: fewer than all when somebody else has written into the stream between
   */
  async #publishInARow(events: readonly CloudEvent[]): Promise<number> {
    const sent = events.map((event, i) => this.#send(event, events[i - 1]?.id));
    const outcomes = await Promise.allSettled(sent);
    const failed = outcomes.findIndex(({ status }) => status === 'rejected');
    if (failed < 0) return events.length;
    const { reason } = outcomes[failed] as { readonly reason: Error };
    const goOn = apiErrorCode(reason) === WRONG_LAST_ID && (await this.#newest()) === events[failed - 1]!.id;
    if (goOn) return failed;
    throw reason;
  }

  async #send(event: CloudEvent, after: string | undefined): Promise<void> {
    const kind = event.type.slice(event.type.indexOf('.') + 1);
    await this.#jetstream.publish(`${this.subjects}.${kind}`, JSON.stringify(event), {
      msgID: event.id,
      headers: this.connection.headers({ 'content-type': CONTENT_TYPE }),
      expect: { streamName: this.stream.name, ...(after !== undefined && { lastMsgID: after }) },
      timeout: ACKNOWLEDGE_MS,
    });
  }

  /** The id of the newest event in the stream that is of this service. */
  async #newest(): Promise<string | undefined> {
    return this.stream.newestId(`${this.subjects}.>`);
  }
}

const sameAs =
  (id: string | undefined) =>
  (event: CloudEvent): boolean =>
    event.id === id;

const streamFailure = (name: string, error: Error) =>
  error.name === 'JetStreamNotEnabled' || apiErrorCode(error) === 10_039
    ? 'there is no JetStream; start the server with jetstream enabled'
    : `the stream ${name} cannot be used (${error.message})`;
