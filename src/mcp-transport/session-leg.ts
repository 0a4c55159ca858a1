import { Injectable } from '@nestjs/common';
import { ANSWER_NOW } from '../instances/index.js';
import { NotificationsService } from '../notifications/index.js';
import { ParticipantsService } from '../participants/index.js';
import type { Awaitable } from '../ports/awaitable.js';
import { CallContext } from './call-context.js';
import { CallerService } from './caller.service.js';
import type { HttpExchange } from './http-exchange.js';
import { isObject, isResponse, requireMessage, resultJson, type RpcMessage, type RpcRequest } from './json-rpc.js';
import { McpRouter, type Reply } from './mcp-router.js';
import { BATCH_REVISION, Code, RpcError, SESSION_REVISIONS } from './protocol.js';
import type { McpSession } from './session.js';
import { SessionStore } from './session-store.js';
import { SessionStream } from './session-stream.js';
import { SseStreams } from './sse-streams.js';
import { unsupportedVersion } from './stateless-leg.js';

/** Most messages in one batch. */
const MAX_BATCH = 50;

/** Revisions 2025-03-26 to 2025-11-25: sessions, a GET stream with `Last-Event-ID`, DELETE. */
@Injectable()
export class SessionLeg {
  constructor(
    private readonly router: McpRouter,
    private readonly sessions: SessionStore,
    private readonly callers: CallerService,
    private readonly participants: ParticipantsService,
    private readonly notifications: NotificationsService,
    private readonly streams: SseStreams,
  ) {}

  /** Opens a session and answers `initialize`. @throws RpcError */
  initialize({ id, params = {} }: RpcMessage, exchange: HttpExchange): void {
    const given = exchange.header('mcp-session-id');
    if (given !== undefined) {
      if (!this.sessions.get(given, exchange.principal)) throw sessionNotFound();
      throw new RpcError(Code.InvalidRequest, 'This session is initialized already', undefined, 400);
    }
    const { protocolVersion: wanted, capabilities, clientInfo } = params;
    if (typeof wanted !== 'string') throw new RpcError(Code.InvalidParams, 'protocolVersion must be a string');
    if (!isObject(capabilities)) throw new RpcError(Code.InvalidParams, 'capabilities must be an object');
    if (!isObject(clientInfo)) throw new RpcError(Code.InvalidParams, 'clientInfo must be an object');
    const revision = SESSION_REVISIONS.includes(wanted) ? wanted : SESSION_REVISIONS[0]!;
    const session = this.sessions.open(revision, exchange.principal, this.router.sharedExtensions(capabilities));
    const result = JSON.stringify(this.router.initialized(revision));
    exchange.json(200, resultJson(id!, result), { 'Mcp-Session-Id': session.id });
  }

  /** The session a request names. @throws RpcError 400 without one, 404 when it is not there for this principal */
  requireSession(exchange: HttpExchange): McpSession {
    const version = exchange.header('mcp-protocol-version')?.trim();
    if (version !== undefined && !SESSION_REVISIONS.includes(version)) throw unsupportedVersion(version);
    const id = exchange.header('mcp-session-id');
    if (id === undefined) {
      const message = 'Mcp-Session-Id header is required; send initialize to open a session';
      throw new RpcError(Code.InvalidRequest, message, undefined, 400);
    }
    const session = this.sessions.get(id, exchange.principal);
    if (session) return session;
    throw sessionNotFound();
  }

  /** What the handler of one request of a session may know. */
  call({ id, params }: RpcRequest, session: McpSession, exchange: HttpExchange, streamable = true): CallContext {
    const meta = params?.['_meta'];
    return new CallContext(id, session.revision, session, isObject(meta) ? meta : {}, exchange, streamable);
  }

  /** The answer to it. @throws RpcError, ChatError */
  handle({ method, params = {} }: RpcRequest, call: CallContext): Awaitable<Reply | undefined> {
    return this.router.handle(method, params, call);
  }

  /** Takes a notification, or a response that nobody asked for. */
  notified(message: RpcMessage, session: McpSession): void {
    if (message.method === ANSWER_NOW) return session.answer();
    if (message.method !== 'notifications/cancelled') return;
    const requestId = message.params?.['requestId'];
    if (typeof requestId === 'string' || typeof requestId === 'number') session.cancel(requestId);
  }

  /** The messages of a batch, in the one revision that has batches. @throws RpcError */
  requireBatch(body: readonly unknown[], session: McpSession): readonly RpcMessage[] {
    const refuse = (why: string) => new RpcError(Code.InvalidRequest, `Invalid request: ${why}`, undefined, 400);
    if (session.revision !== BATCH_REVISION) throw refuse(`revision ${session.revision} has no batches`);
    if (body.length === 0 || body.length > MAX_BATCH) throw refuse(`a batch has 1 to ${MAX_BATCH} messages`);
    const messages = body.filter((item) => !isResponse(item)).map(requireMessage);
    if (messages.some(({ method }) => method === 'initialize')) throw refuse('initialize must not be in a batch');
    return messages;
  }

  /** Opens the session's stream; a stream it has already is taken over, because its client may have lost it. */
  async openStream(session: McpSession, exchange: HttpExchange): Promise<void> {
    await this.callers.adoptOwn(session);
    session.stream?.end();
    if (session.participant) this.notifications.requireStreamLeft(session.participant.id);
    const sse = this.streams.open(exchange);
    session.stream = new SessionStream(sse, session, this.notifications, exchange.header('last-event-id'));
  }

  /** Ends a session at its client's wish. Its participant lives on for as long as the grace lasts. */
  async close(session: McpSession): Promise<void> {
    this.sessions.close(session);
    if (session.participant) await this.participants.release(session.participant.id);
  }
}

export const sessionNotFound = () =>
  new RpcError(
    Code.SessionNotFound,
    'Session not found; send initialize without Mcp-Session-Id to open a new one',
    undefined,
    404,
  );
