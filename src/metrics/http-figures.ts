import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Where requests lead; all that is not named is `other`. */
const ROUTES = new Set(['/mcp', '/health', '/metrics', '/admin', '/console']);

/** What has become of the requests of one method and route. */
export interface RouteFigures {
  readonly method: string;
  readonly route: string;
  requests: number;
  /** Answers sent whole, by status. */
  readonly responses: Map<number, number>;
}

/** Where a request is counted, whichever server's connection it has come on. */
const COUNTED_IN = Symbol('parley/CountedIn');
type Counted = IncomingMessage & { [COUNTED_IN]?: RouteFigures };

interface Finished {
  readonly request: Counted;
  readonly response: ServerResponse;
}

const FINISHED = 'http.server.response.finish';
/** How many are counting; Node tells of each response anyway. */
let counting = 0;
const finished = (message: unknown) => {
  const { request, response } = message as Finished;
  const responses = request[COUNTED_IN]?.responses;
  responses?.set(response.statusCode, (responses.get(response.statusCode) ?? 0) + 1);
};

/** Counts what one HTTP server is asked, and what it answers. */
export class HttpFigures {
  readonly #routes = new Map<string, RouteFigures>();
  #server: Server | undefined;
  /** What came last mostly comes again: to compare is cheaper than to look it up. */
  #lastUrl = '';
  #last: RouteFigures | undefined;

  get routes(): Iterable<RouteFigures> {
    return this.#routes.values();
  }

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

  readonly #began = (request: Counted) => {
    const figures = this.#figuresOf(request);
    figures.requests++;
    request[COUNTED_IN] = figures;
  };

  #figuresOf({ method: asked = '', url = '' }: IncomingMessage): RouteFigures {
    if (url === this.#lastUrl && asked === this.#last?.method) return this.#last;
    const method = METHODS.has(asked) ? asked : 'other';
    const route = routeOf(url);
    const key = `${method} ${route}`;
    let figures = this.#routes.get(key);
    if (!figures) this.#routes.set(key, (figures = { method, route, requests: 0, responses: new Map() }));
    this.#lastUrl = url;
    return (this.#last = figures);
  }
}

function routeOf(url: string): string {
  if (ROUTES.has(url)) return url;
  for (const route of ROUTES) if (url.startsWith(route) && '/?'.includes(url[route.length]!)) return route;
  return 'other';
}
