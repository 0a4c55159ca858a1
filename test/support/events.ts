import { ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Heard, type TestClient, V1Client, V2Client } from './clients.js';
import { until } from './until.js';

export const EVENTS_EXTENSION = 'io.modelcontextprotocol/events';
export const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

/** An event as MCP Events shows it. */
export interface Occurrence {
  readonly eventId: string;
  readonly name: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly cursor?: string;
}

export interface Polled {
  readonly events: readonly Occurrence[];
  readonly cursor: string;
  readonly truncated: boolean;
  readonly hasMore: boolean;
  readonly nextPollMs: number;
}

export interface Descriptor {
  readonly name: string;
  readonly description: string;
  readonly delivery: readonly string[];
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly payloadSchema: Readonly<Record<string, unknown>>;
}

/** Any result will do: what is in it is for the test to say. */
const ANYTHING = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) } };

/** How long a stream may stay open in a test, in milliseconds. */
const STREAM_MS = 20_000;

/** A request of an extension, as an application makes it that knows more than its SDK. */
export async function request<T = Record<string, unknown>>(
  client: TestClient,
  method: string,
  params: object = {},
  signal?: AbortSignal,
): Promise<T> {
  const message = { method, params: params as Record<string, unknown> };
  if (client instanceof V1Client) return (await client.client.request(message, ResultSchema)) as T;
  if (client instanceof V2Client) {
    return (await client.client.request(message, ANYTHING, { signal, timeout: STREAM_MS })) as T;
  }
  throw new Error('Not a client of an SDK');
}

/** `events/poll` as the participant this client is. */
export function poll(client: TestClient, name: string, params: object = {}, filter: object = {}): Promise<Polled> {
  return request(client, 'events/poll', { name, arguments: own(client, filter), ...params });
}

/** Arguments that name the participant this client is. */
export const own = (client: TestClient, filter: object = {}) => ({ participant_token: client.token, ...filter });

export const descriptors = async (client: TestClient): Promise<readonly Descriptor[]> =>
  (await request<{ events: Descriptor[] }>(client, 'events/list')).events;

/** An open `events/stream` of the official client, seen through its notification handler. */
export class EventStreamClient {
  readonly #stop = new AbortController();
  readonly #from: number;
  /** Its result, or the error it ended with. */
  readonly ended: Promise<unknown>;

  constructor(
    private readonly client: V2Client,
    params: object,
  ) {
    this.#from = client.heard.length;
    this.ended = request(client, 'events/stream', params, this.#stop.signal).catch((error: unknown) => error);
  }

  /** Everything that came for this subscription; the client has one stream at a time. */
  get all(): readonly Heard[] {
    return this.client.heard.slice(this.#from).filter(({ method }) => method.startsWith('notifications/events/'));
  }

  of(kind: string): readonly Heard[] {
    return this.all.filter(({ method }) => method === `notifications/events/${kind}`);
  }

  get events(): readonly Occurrence[] {
    return this.of('event').map(({ params }) => params as unknown as Occurrence);
  }

  get messages(): readonly unknown[] {
    return this.events.map(({ data }) => data['message']);
  }

  hears(kind: string, count = 1): Promise<Heard> {
    return until(`${kind} number ${count}`, () => this.of(kind)[count - 1]);
  }

  /** Cancels the request, which drops its response. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }
}

/** Opens a stream of a type as the participant that the client is, and waits until it is active. */
export async function openStream(
  client: V2Client,
  name: string,
  params: object = {},
  filter: object = {},
): Promise<EventStreamClient> {
  const stream = new EventStreamClient(client, { name, arguments: own(client, filter), ...params });
  await stream.hears('active');
  return stream;
}

/** What is wrong with the data of these events by the payload schemas of their types, which is nothing. */
export function payloadFaults(types: readonly Descriptor[], events: readonly Occurrence[]): readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  const checks = new Map(types.map(({ name, payloadSchema }) => [name, ajv.compile(payloadSchema)]));
  return events.flatMap(({ name, data }) => {
    const check = checks.get(name);
    if (!check) return [`${name} is not listed`];
    return check(data) ? [] : [`${name}: ${ajv.errorsText(check.errors)}`];
  });
}
