import { Injectable } from '@nestjs/common';
import { NotificationsService } from '../notifications/index.js';
import { ParticipantsService } from '../participants/index.js';
import { RoomsService } from '../rooms/index.js';
import type { Awaitable } from '../ports/awaitable.js';
import { CallContext } from './call-context.js';
import { CallerService } from './caller.service.js';
import type { HttpExchange } from './http-exchange.js';
import { isObject, type RpcMessage, type RpcRequest } from './json-rpc.js';
import { ListenStream, planListening } from './listen-stream.js';
import { McpRouter, type Reply } from './mcp-router.js';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  Code,
  PROTOCOL_VERSION_META_KEY,
  RpcError,
  STATELESS_REVISION,
  SUPPORTED_REVISIONS,
} from './protocol.js';
import { SseStreams } from './sse-streams.js';

/** Which parameter the `Mcp-Name` header mirrors. MCP 2026-07-28, basic/transports/streamable-http. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

/** Whether a message says by its `_meta` that it speaks a stateless revision (or a revision that does not exist). */
export function claimsStateless({ params }: RpcMessage): boolean {
  const meta = params?.['_meta'];
  return isObject(meta) && PROTOCOL_VERSION_META_KEY in meta;
}

/** Revision 2026-07-28: every request carries all that is needed to serve it. */
@Injectable()
export class StatelessLeg {
  constructor(
    private readonly router: McpRouter,
    private readonly callers: CallerService,
    private readonly participants: ParticipantsService,
    private readonly rooms: RoomsService,
    private readonly notifications: NotificationsService,
    private readonly streams: SseStreams,
  ) {}

  /** What the handler of a request may know. @throws RpcError */
  call(message: RpcRequest, exchange: HttpExchange): CallContext {
    const meta = requireEnvelope(message, exchange);
    requireHeaders(message, exchange);
    return new CallContext(message.id, STATELESS_REVISION, undefined, meta, exchange);
  }

  /** The answer to it; undefined when it is a stream. @throws RpcError, ChatError */
  handle({ method, params = {} }: RpcRequest, call: CallContext): Awaitable<Reply | undefined> {
    return method === 'subscriptions/listen' ? this.#listen(params, call) : this.router.handle(method, params, call);
  }

  async #listen(params: Readonly<Record<string, unknown>>, call: CallContext): Promise<undefined> {
    const plan = await planListening(params, call, this.callers, this.participants, this.rooms);
    new ListenStream(call, plan, this.notifications, () => this.streams.open(call.exchange));
    return undefined;
  }
}

/** @throws RpcError InvalidParams, HeaderMismatch, UnsupportedVersion; all with status 400 */
function requireEnvelope({ params }: RpcMessage, exchange: HttpExchange): Readonly<Record<string, unknown>> {
  const meta = params?.['_meta'];
  const problem = envelopeProblem(meta);
  if (problem) throw new RpcError(Code.InvalidParams, `Invalid params: ${problem}`, undefined, 400);
  const envelope = meta as Record<string, unknown>;
  const version = envelope[PROTOCOL_VERSION_META_KEY] as string;
  const header = exchange.header('mcp-protocol-version')?.trim();
  if (header !== version) throw mismatch('MCP-Protocol-Version', header, version);
  if (version !== STATELESS_REVISION) throw unsupportedVersion(version);
  return envelope;
}

function envelopeProblem(meta: unknown): string | undefined {
  if (!isObject(meta)) return '_meta is required';
  if (typeof meta[PROTOCOL_VERSION_META_KEY] !== 'string') {
    return `_meta must name the revision in ${PROTOCOL_VERSION_META_KEY}`;
  }
  if (!isObject(meta[CLIENT_CAPABILITIES_META_KEY])) {
    return `_meta must hold the client's capabilities in ${CLIENT_CAPABILITIES_META_KEY}`;
  }
  const info = meta[CLIENT_INFO_META_KEY];
  if (info !== undefined && !isObject(info)) return `${CLIENT_INFO_META_KEY} must be an object`;
  return undefined;
}

/** Headers must say what the body says. @throws RpcError HeaderMismatch */
function requireHeaders({ method, params }: RpcMessage, exchange: HttpExchange): void {
  const header = exchange.header('mcp-method')?.trim();
  if (header !== method) throw mismatch('Mcp-Method', header, method);
  const field = NAMED.get(method);
  const value = field === undefined ? undefined : params?.[field];
  if (typeof value !== 'string') return;
  const name = exchange.header('mcp-name')?.trim();
  if (name === undefined || !/^[\t -~]*$/.test(name) || (decodeSentinel(name) ?? name) !== value) {
    throw mismatch('Mcp-Name', name, field === 'uri' ? undefined : value);
  }
}

/** The value behind `=?base64?…?=`, undefined when it is not that. MCP 2026-07-28, Value Encoding. */
function decodeSentinel(header: string): string | undefined {
  const [, encoded] = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(header) ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

/** Says what the two disagree about; a URI may hold a token, so it is not repeated. */
function mismatch(header: string, given: string | undefined, wanted: string | undefined): RpcError {
  const quoted = (value: string) => JSON.stringify(value.slice(0, 100));
  const why =
    given === undefined
      ? 'is missing'
      : wanted === undefined
        ? 'does not match the body'
        : `value ${quoted(given)} does not match body value ${quoted(wanted)}`;
  return new RpcError(Code.HeaderMismatch, `Header mismatch: ${header} header ${why}`, undefined, 400);
}

export function unsupportedVersion(requested: string): RpcError {
  const data = { supported: SUPPORTED_REVISIONS, requested: requested.slice(0, 100) };
  return new RpcError(Code.UnsupportedVersion, 'Unsupported protocol version', data, 400);
}
