import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Where requests lead; all that is not named is `other`. */
const ROUTES = new Set(['/mcp', '/health', '/metrics', '/admin', '/console']);

/** Who counts a request, whichever server's connection it has come on. */
const COUNTED_BY = Symbol('parley/CountedBy');
type Counted = IncomingMessage & { [COUNTED_BY]?: HttpFigures };

interface Finished {
  readonly request: Counted;
  readonly response: ServerResponse;
}

const FINISHED = 'http.server.response.finish';
/** How many are counting; Node tells of each response anyway. */
let counting = 0;
const finished = (message: unknown) => {
  const { request, response } = message as Finished;
  request[COUNTED_BY]?.finished(request, response);
};

/** Counts what one HTTP server is asked, and what it answers. */
export class HttpFigures {
  /** By `method route`, and by `method route status`. */
  readonly requests = new Map<string, number>();
  readonly responses = new Map<string, number>();
  #server: Server | undefined;

  start(server: Server): void {
    this.#server = server.prependListener('request', this.#began);
    if (counting++ === 0) subscribe(FINISHED, finished);
  }

  stop(): void {
    if (!this.#server) return;
    this.#server.off('request', this.#began);
    this.#server = undefined;
    if (--counting === 0) unsubscribe(FINISHED, finished);
  }

  finished(request: IncomingMessage, { statusCode }: ServerResponse): void {
    increase(this.responses, `${keyOf(request)} ${statusCode}`);
  }

  readonly #began = (request: Counted) => {
    request[COUNTED_BY] = this;
    increase(this.requests, keyOf(request));
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
