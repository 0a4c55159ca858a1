import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { AccessDenied, AuthService } from '../auth/index.js';
import { ParleyConfig } from '../config/index.js';
import { ChatError, unavailable } from '../domain/errors.js';
import { InstancesService } from '../instances/index.js';
import { NotificationsService } from '../notifications/index.js';
import { type Awaitable, then } from '../ports/awaitable.js';
import type { CallContext } from './call-context.js';
import { deniedError } from './denied-error.js';
import { Door, preflightHeaders, requireJsonPost, requireStreamGet } from './door.js';
import { HttpExchange } from './http-exchange.js';
import {
  errorJson,
  idOf,
  isResponse,
  methodOf,
  parseJson,
  requireMessage,
  resultJson,
  type RpcMessage,
  type RpcRequest,
} from './json-rpc.js';
import type { Reply } from './mcp-router.js';
import { Code, RpcError, STATELESS_REVISION } from './protocol.js';
import { SessionLeg, sessionNotFound } from './session-leg.js';
import { claimsStateless, StatelessLeg } from './stateless-leg.js';

const isRequest = (message: RpcMessage): message is RpcRequest => message.id !== undefined;

/** The MCP endpoint: host and origin, then bearer, then body, then era. */
@Injectable()
export class McpEndpoint {
  readonly #logger = new Logger('Mcp');
  readonly #door: Door;

  constructor(
    private readonly sessionLeg: SessionLeg,
    private readonly statelessLeg: StatelessLeg,
    private readonly notifications: NotificationsService,
    private readonly instances: InstancesService,
    private readonly auth: AuthService,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {
    this.#door = new Door(config);
  }

  /** Serves one HTTP request. Never throws. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    const exchange = new HttpExchange(request, response, undefined);
    // Whoever keeps this connection finds its next request elsewhere.
    if (this.instances.draining || this.notifications.draining) response.shouldKeepAlive = false;
    try {
      this.#settle(this.#admit(exchange), exchange);
    } catch (error) {
      this.#refuse(error, exchange);
    }
  }

  #settle(served: Awaitable<void>, exchange: HttpExchange, body?: unknown): void {
    if (served instanceof Promise) served.catch((error: unknown) => this.#refuse(error, exchange, body));
  }

  #admit(exchange: HttpExchange): Awaitable<void> {
    const { request } = exchange;
    exchange.headers = this.#door.admit(request);
    // A preflight carries no token (Fetch, CORS protocol and credentials).
    if (request.method === 'OPTIONS') return exchange.empty(204, preflightHeaders(exchange.headers));
    return then(this.auth.authenticate(request), (grant) => {
      exchange.grant = grant;
      // The client may have gone while its token was verified; then there is no body to wait for.
      if (exchange.closed) return;
      const owner = this.#ownerElsewhere(exchange);
      if (owner === undefined) return this.#take(exchange);
      return then(this.#passOn(owner, exchange), (passed) => (passed ? undefined : this.#take(exchange)));
    });
  }

  #take(exchange: HttpExchange): Awaitable<void> {
    switch (exchange.request.method) {
      case 'POST':
        requireJsonPost(exchange.request);
        return exchange.readBody(this.config.bodyMaxBytes).then((body) => this.#posted(body, exchange));
      case 'GET':
        return this.#get(exchange);
      case 'DELETE':
        return this.#delete(exchange);
      default:
        throw methodNotAllowed();
    }
  }

  #posted(bytes: Buffer, exchange: HttpExchange): void {
    let body: unknown;
    try {
      body = parseJson(bytes);
      this.#settle(this.#post(body, exchange), exchange, body);
    } catch (error) {
      this.#refuse(error, exchange, body);
    }
  }

  #post(body: unknown, exchange: HttpExchange): Awaitable<void> {
    this.#requireRunning(exchange);
    if (Array.isArray(body)) return this.#batch(body, exchange);
    if (isResponse(body)) {
      if (saysStateless(exchange)) throw notOneRequest();
      this.sessionLeg.requireSession(exchange);
      return exchange.empty(202);
    }
    const message = requireMessage(body);
    const stateless = claimsStateless(message) || (message.method !== 'initialize' && saysStateless(exchange));
    if (!isRequest(message)) {
      if (!stateless) this.sessionLeg.notified(message, this.sessionLeg.requireSession(exchange));
      return exchange.empty(202);
    }
    if (stateless) return this.#answer(this.statelessLeg, message, this.statelessLeg.call(message, exchange));
    if (message.method === 'initialize') {
      if (this.instances.draining) throw goingDown();
      return this.sessionLeg.initialize(message, exchange);
    }
    const session = this.sessionLeg.requireSession(exchange);
    return this.#answer(this.sessionLeg, message, this.sessionLeg.call(message, session, exchange));
  }

  async #get(exchange: HttpExchange): Promise<void> {
    this.#requireRunning(exchange);
    if (saysStateless(exchange)) throw methodNotAllowed();
    requireStreamGet(exchange.request);
    await this.sessionLeg.openStream(this.sessionLeg.requireSession(exchange), exchange);
  }

  async #delete(exchange: HttpExchange): Promise<void> {
    if (saysStateless(exchange)) throw methodNotAllowed();
    await this.sessionLeg.close(this.sessionLeg.requireSession(exchange));
    exchange.empty(204);
  }

  #answer(leg: SessionLeg | StatelessLeg, message: RpcRequest, call: CallContext): Awaitable<void> {
    return then(leg.handle(message, call), (reply) => {
      const { exchange } = call;
      if (this.config.logLevel === 'debug') this.#trace(message, exchange);
      if (!reply) return;
      // A cancelled request gets no response (MCP, basic/utilities/cancellation); its connection is still ended.
      if (call.cancelled) return exchange.abandon();
      exchange.answer(200, resultJson(message.id, reply.json));
      return reply.delivered?.();
    });
  }

  /** What was asked, never what was said: arguments hold tokens and messages. */
  #trace({ method, params }: RpcRequest, exchange: HttpExchange): void {
    const name = method === 'tools/call' || method === 'prompts/get' ? params?.['name'] : undefined;
    this.#logger.debug({ msg: 'answered', request_id: exchange.requestId, method, name });
  }

  async #batch(body: readonly unknown[], exchange: HttpExchange): Promise<void> {
    if (saysStateless(exchange)) throw notOneRequest();
    const session = this.sessionLeg.requireSession(exchange);
    const messages = this.sessionLeg.requireBatch(body, session);
    // Each waiting call of the batch listens for the end of the one answer.
    exchange.response.setMaxListeners(0);
    const delivered: Reply['delivered'][] = [];
    const answers = await Promise.all(
      messages.map(async (message) => {
        if (!isRequest(message)) return this.sessionLeg.notified(message, session);
        try {
          const call = this.sessionLeg.call(message, session, exchange, false);
          const reply = await this.sessionLeg.handle(message, call);
          if (!reply) return;
          delivered.push(reply.delivered);
          return resultJson(message.id, reply.json);
        } catch (error) {
          return errorJson(message.id, this.#rpcError(error, exchange, message.method));
        }
      }),
    );
    const json = answers.filter((answer) => answer !== undefined);
    if (json.length === 0) return exchange.empty(202);
    if (exchange.closed) return;
    exchange.json(200, `[${json.join(',')}]`);
    for (const then of delivered) await then?.();
  }

  /** The instance that holds the session a request names, if it is another one. */
  #ownerElsewhere(exchange: HttpExchange): string | undefined {
    const id = exchange.header('mcp-session-id');
    if (id === undefined || saysStateless(exchange)) return undefined;
    // It is refused here, where its client is still listening.
    if (Number(exchange.header('content-length') ?? 0) > this.config.bodyMaxBytes) return undefined;
    return this.instances.ownerElsewhere(id);
  }

  /**
   * Has the instance that holds its session serve the request. False when there is no such instance any more: then the
   * session is not found, as any other that is not there. @throws RpcError 502, 503
   */
  async #passOn(owner: string, { request, response }: HttpExchange): Promise<boolean> {
    switch (await this.instances.pass(owner, request, response)) {
      case 'answered':
        return true;
      case 'unknown':
        return false;
      case 'too_many':
        throw new RpcError(
          Code.LimitReached,
          `Limit reached: ${this.config.forwardsMax} requests passed on`,
          undefined,
          503,
        );
      case 'unanswered':
        throw new RpcError(
          Code.Unavailable,
          'The instance that holds this session did not answer; the request may have been carried out',
          { retryable: true },
          502,
        );
    }
  }

  /** Where its instance closes, a session ends; whoever has come through another instance need not try again. */
  #requireRunning({ request }: HttpExchange): void {
    if (!this.notifications.draining) return;
    throw this.instances.passedOn(request) ? sessionNotFound() : goingDown();
  }

  /** @param body what was sent, as far as it is known */
  #refuse(error: unknown, exchange: HttpExchange, body?: unknown): void {
    const rpc = this.#rpcError(error, exchange, methodOf(body));
    const headers: Record<string, string> = { 'X-Request-Id': exchange.requestId, ...rpc.headers };
    if (rpc.httpStatus === 405) headers['Allow'] = 'GET, POST, DELETE, OPTIONS';
    if (rpc.httpStatus === 503) headers['Retry-After'] = '2';
    // What is left of a body that was too long is not worth reading.
    if (rpc.httpStatus === 413) headers['Connection'] = 'close';
    exchange.answer(rpc.httpStatus, errorJson(idOf(body), rpc), headers);
  }

  /** Any failure as the JSON-RPC error to answer with; what nobody expected is logged and not told. */
  #rpcError(error: unknown, exchange: HttpExchange, method?: string): RpcError {
    if (error instanceof RpcError) {
      this.#logger.debug({
        msg: 'refused',
        request_id: exchange.requestId,
        method,
        code: error.code,
        why: error.message,
      });
      return error;
    }
    if (error instanceof AccessDenied) return deniedError(error);
    if (error instanceof ChatError) {
      const { code, hint, retryable, details } = error;
      const [rpcCode, status] = code.startsWith('too_many_')
        ? [Code.LimitReached, 429]
        : code === 'unavailable'
          ? [Code.InternalError, 503]
          : [Code.InvalidParams, 200];
      return new RpcError(rpcCode, error.message, { code, hint, retryable, ...details }, status);
    }
    const request_id = exchange.requestId;
    this.#logger.error({
      msg: 'request failed',
      request_id,
      method,
      error: error instanceof Error ? error.stack : String(error),
    });
    return new RpcError(Code.InternalError, 'Internal error', { request_id });
  }
}

const saysStateless = (exchange: HttpExchange) =>
  exchange.header('mcp-protocol-version')?.trim() === STATELESS_REVISION;

/** MCP 2026-07-28, basic/transports/streamable-http, Sending Messages. */
const notOneRequest = () =>
  new RpcError(
    Code.InvalidRequest,
    `Invalid request: revision ${STATELESS_REVISION} has no batches and no responses from clients`,
    undefined,
    400,
  );

/** Nothing has been done: the request may be sent to another instance as it is. */
function goingDown(): RpcError {
  const { message, hint } = unavailable();
  return new RpcError(Code.Unavailable, `${message}. ${hint}`, { retryable: true }, 503);
}

const methodNotAllowed = () => new RpcError(Code.InvalidRequest, 'Method not allowed', undefined, 405);
