import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Where requests lead; all that is not named is `other`. */
const ROUTES = new Set(['/mcp', '/health', '/metrics', '/admin', '/console']);

interface Started {
  readonly request: IncomingMessage;
  readonly server: Server;
}
interface Finished extends Started {
  readonly response: ServerResponse;
}

/** Counts requests and responses of one HTTP server; Node tells of each anyway. */
export class HttpFigures {
  /** By `method route`, and by `method route status`. */
  readonly requests = new Map<string, number>();
  readonly responses = new Map<string, number>();
  #server: Server | undefined;

  start(server: Server): void {
    this.#server = server;
    subscribe('http.server.request.start', this.#started);
    subscribe('http.server.response.finish', this.#finished);
  }

  stop(): void {
    unsubscribe('http.server.request.start', this.#started);
    unsubscribe('http.server.response.finish', this.#finished);
  }

  readonly #started = (message: unknown): void => {
    const { request, server } = message as Started;
    if (server === this.#server) increase(this.requests, keyOf(request));
  };

  readonly #finished = (message: unknown): void => {
    const { request, response, server } = message as Finished;
    if (server === this.#server) increase(this.responses, `${keyOf(request)} ${response.statusCode}`);
  };
}

function keyOf({ method = '', url = '' }: IncomingMessage): string {
  return `${METHODS.has(method) ? method : 'other'} ${routeOf(url)}`;
}

function routeOf(url: string): string {
  if (ROUTES.has(url)) return url;
  for (const route of ROUTES) if (url.startsWith(route) && '/?'.includes(url[route.length]!)) return route;
  return 'other';
}

const increase = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
