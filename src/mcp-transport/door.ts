import type { IncomingMessage } from 'node:http';
import { isLoopback, type ParleyConfig } from '../config/index.js';
import { Code, RpcError } from './protocol.js';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** How many accepted header values are remembered, so that the usual ones cost one look-up. */
const REMEMBERED = 1_000;

const CORS = {
  'Access-Control-Allow-Methods': 'GET, POST, DELETE, OPTIONS',
  'Access-Control-Allow-Headers':
    'Content-Type, Accept, Authorization, Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Last-Event-ID, X-Request-Id',
  'Access-Control-Max-Age': '7200',
};

/**
 * Who may knock: `Host` and `Origin` are checked before anything else, against DNS rebinding (MCP, basic/transports,
 * Security). Bound to loopback, only loopback names pass unless configured otherwise; bound elsewhere, any host passes
 * unless configured, and no browser does but one that shows a page of this very host, whose name must be known to be
 * ours: one that is configured, or a loopback name. A rebound name is neither.
 */
export class Door {
  /** Whether a page of our own may speak to us under some name; else only those of configured origins do. */
  readonly knowsItself: boolean;
  readonly #hosts: (host: string) => boolean;
  readonly #ours: (host: string) => boolean;
  readonly #origins: (origin: string) => boolean;

  constructor({ host, allowedHosts, allowedOrigins }: ParleyConfig) {
    const loopback = isLoopback(host);
    const hosts = new Set(allowedHosts.map((name) => name.toLowerCase()));
    const origins = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
    this.knowsItself = loopback || hosts.size > 0;
    const hostname = (value: string) => value.replace(/:\d+$/, '');
    const configured = (value: string) => hosts.has(value) || hosts.has(hostname(value));
    this.#hosts = remembering((value) => configured(value) || (loopback ? LOOPBACK.test(value) : hosts.size === 0));
    this.#ours = remembering((value) => configured(value) || LOOPBACK.test(value));
    this.#origins = remembering(
      (value) => origins.has(value) || origins.has('*') || (loopback && LOOPBACK_ORIGIN.test(value)),
    );
  }

  /** The host that the request is for, in lower case. @throws RpcError 403 */
  requireHost({ headers }: IncomingMessage): string {
    const host = headers.host?.toLowerCase();
    if (host !== undefined && this.#hosts(host)) return host;
    throw new RpcError(Code.Refused, 'The Host header names a host that is not allowed', undefined, 403);
  }

  /** Headers that the answer must carry, if any. @throws RpcError 403 */
  admit(request: IncomingMessage): Readonly<Record<string, string>> | undefined {
    const host = this.requireHost(request);
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    if (!this.#admits(origin.toLowerCase(), host)) {
      throw new RpcError(Code.Refused, 'The Origin header names an origin that is not allowed', undefined, 403);
    }
    return {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers':
        'Mcp-Session-Id, MCP-Protocol-Version, X-Request-Id, Retry-After, WWW-Authenticate',
      Vary: 'Origin',
    };
  }

  /** A proxy may have ended TLS, so that the page's scheme says nothing. */
  #admits(origin: string, host: string): boolean {
    if (this.#origins(origin)) return true;
    return (origin === `https://${host}` || origin === `http://${host}`) && this.#ours(host);
  }
}

/** Headers of the answer to a CORS preflight. */
export const preflightHeaders = (cors: Readonly<Record<string, string>> | undefined) => (cors ? CORS : undefined);

/** The body must be JSON, and the client must take both forms of an answer. @throws RpcError 415, 406 */
export function requireJsonPost({ headers }: IncomingMessage): void {
  if (!isJson(headers['content-type'] ?? '')) {
    throw new RpcError(Code.NotAcceptable, 'Content-Type must be application/json', undefined, 415);
  }
  if (!acceptsBoth(headers.accept ?? '')) {
    const message = 'Accept must list both application/json and text/event-stream';
    throw new RpcError(Code.NotAcceptable, message, undefined, 406);
  }
}

/** @throws RpcError 406 */
export function requireStreamGet({ headers }: IncomingMessage): void {
  if (!acceptsStream(headers.accept ?? '')) {
    throw new RpcError(Code.NotAcceptable, 'Accept must list text/event-stream', undefined, 406);
  }
}

const isJson = remembering((type) => /^application\/json\s*(;|$)/i.test(type));
const acceptsStream = remembering((accept) => /text\/event-stream|text\/\*|\*\/\*/i.test(accept));
const acceptsJson = (accept: string) => /application\/json|application\/\*|\*\/\*/i.test(accept);
const acceptsBoth = remembering((accept) => acceptsJson(accept) && acceptsStream(accept));

function remembering(test: (value: string) => boolean): (value: string) => boolean {
  const passed = new Set<string>();
  /** Compared without a hash: mostly the same client asks the same again. */
  let last: string | undefined;
  return (value) => {
    if (value === last) return true;
    if (!passed.has(value)) {
      if (!test(value)) return false;
      if (passed.size < REMEMBERED) passed.add(value);
    }
    last = value;
    return true;
  };
}
