import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One POST, as a receiver saw it. */
export interface Posted {
  /** `webhook-id`: the same for every attempt of one delivery. */
  readonly id: string;
  /** `webhook-timestamp`: Unix seconds. */
  readonly timestamp: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** When it was there in full, by `performance.now()`. */
  readonly at: number;
}

export type Conduct = (posted: Posted, response: ServerResponse, request: IncomingMessage) => void;

/** Repeats what it is challenged with. */
export const honest: Conduct = ({ body }, response) =>
  void response
    .writeHead(200, { 'Content-Type': 'application/json' })
    .end(JSON.stringify({ challenge: body['challenge'] }));

export const accepting: Conduct = (_, response) => void response.writeHead(204).end();

/** A webhook receiver on loopback that behaves as badly as a test wants, down to its sockets. */
export class HookReceiver {
  readonly challenges: Posted[] = [];
  readonly deliveries: Posted[] = [];
  readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly conduct: { challenge: Conduct; delivery: Conduct },
  ) {}

  static async start({ challenge = honest, delivery = accepting } = {}): Promise<HookReceiver> {
    const server = createServer();
    const receiver = new HookReceiver(server, { challenge, delivery });
    server.on('request', (request, response) => receiver.#take(request, response));
    server.on('connection', (socket) => {
      receiver.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => receiver.sockets.delete(socket));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** What the events say, attempts of the same event included, in the order in which they came. */
  get messages(): unknown[] {
    return this.deliveries.map(({ body }) => (body['data'] as Record<string, unknown> | undefined)?.['message']);
  }

  behave(delivery: Conduct): void {
    this.conduct.delivery = delivery;
  }

  close(): Promise<void> {
    if (!this.server.listening) return Promise.resolve();
    for (const socket of this.sockets) socket.destroy();
    return new Promise((closed) => void this.server.close(() => closed()));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    let text = '';
    response.on('error', () => undefined);
    request.setEncoding('utf8');
    request.on('error', () => undefined);
    request.on('data', (chunk: string) => (text += chunk));
    request.once('end', () => {
      const posted: Posted = {
        id: String(request.headers['webhook-id']),
        timestamp: Number(request.headers['webhook-timestamp']),
        body: JSON.parse(text) as Posted['body'],
        at: performance.now(),
      };
      const challenged = posted.body['type'] === 'verification';
      (challenged ? this.challenges : this.deliveries).push(posted);
      (challenged ? this.conduct.challenge : this.conduct.delivery)(posted, response, request);
    });
  }
}
