import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** What it was asked, as it was sent. */
export interface Question {
  readonly kind: string;
  readonly text: string;
  readonly participant_id: string | null;
  readonly room_id: string | null;
}

/** A moderator of an operator's own, over HTTP. It takes nothing that is not signed. */
export class ModeratorService {
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  readonly questions: Question[] = [];
  /** The body it answers with, and the status; undefined: it never answers. */
  answer: (question: Question) => { readonly status?: number; readonly body: string } | undefined = () =>
    verdict('pass');
  #connections = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ModeratorService> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const question = new Webhook(service.secret).verify(
          body,
          request.headers as Record<string, string>,
        ) as Question;
        service.questions.push(question);
        const answer = service.answer(question);
        if (answer) response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json' }).end(answer.body);
      });
    });
    const service = new ModeratorService(server);
    server.on('connection', () => service.#connections++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/judge`;
  }

  /** How many have been opened to it. */
  get connections(): number {
    return this.#connections;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export const verdict = (kind: string, more: object = {}) => ({ body: JSON.stringify({ verdict: kind, ...more }) });
