import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { until } from './until.js';

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
export const OTHER_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

/** One POST that a receiver got. */
export interface Post {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Milliseconds on a steady clock. */
  readonly at: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What to answer a delivery with; 204 unless a test says otherwise. */
export type Answering = (
  post: Post,
  count: number,
) => Answer | number | undefined | Promise<Answer | number | undefined>;

/** A webhook receiver on loopback that answers challenges and remembers every delivery. */
export class Receiver {
  readonly posts: Post[] = [];
  answer: Answering = () => 204;
  /** Whether it repeats challenges. */
  agrees = true;

  private constructor(
    private readonly server: Server,
    private port = 0,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const body = JSON.parse(text) as Post['body'];
        const post = { path: request.url ?? '', headers: request.headers, text, body, at: performance.now() };
        receiver.posts.push(post);
        void receiver.#respond(post).then(({ status, headers, body: answer }) => {
          response.writeHead(status, headers).end(answer);
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    receiver.port = (server.address() as AddressInfo).port;
    return receiver;
  }

  url(path = '/hook'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  get challenges(): readonly Post[] {
    return this.posts.filter(({ body }) => body['type'] === 'verification');
  }

  /** Deliveries of events, retries included. */
  get events(): readonly Post[] {
    return this.posts.filter(({ body }) => body['type'] === undefined);
  }

  controls(type: string): readonly Post[] {
    return this.posts.filter(({ body }) => body['type'] === type);
  }

  get messages(): readonly unknown[] {
    return this.events.map(({ body }) => (body['data'] as Record<string, unknown>)['message']);
  }

  /** Listens again where it was. */
  async reopen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  /** Waits for the `count`th delivery of an event. */
  gets(count = 1): Promise<Post> {
    return until(`delivery number ${count}`, () => this.events[count - 1]);
  }

  /** No longer there: connections are refused. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #respond(post: Post): Promise<Answer> {
    const { body } = post;
    if (body['type'] === 'verification' && this.agrees) {
      return { status: 200, body: JSON.stringify({ challenge: body['challenge'] }) };
    }
    const answer = (await this.answer(post, this.events.length)) ?? 204;
    return typeof answer === 'number' ? { status: answer } : answer;
  }
}

/** Receivers that are closed after each test of the surrounding block. */
export function useReceivers(): () => Promise<Receiver> {
  const receivers: Receiver[] = [];
  afterEach(() => Promise.all(receivers.splice(0).map((receiver) => receiver.close())));
  return async () => {
    const receiver = await Receiver.start();
    receivers.push(receiver);
    return receiver;
  };
}

/** How many of the post's signatures this secret has made, if it is a proper Standard Webhooks message. */
export function signaturesBy(secret: string, { headers, text }: Post): number {
  const [id, timestamp] = [headers['webhook-id'] as string, Number(headers['webhook-timestamp'])];
  const own = new Webhook(secret).sign(id, new Date(timestamp * 1000), text);
  return (headers['webhook-signature'] as string).split(' ').filter((signature) => signature === own).length;
}
