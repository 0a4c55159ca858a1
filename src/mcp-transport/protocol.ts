import { createRequire } from 'node:module';
import type * as Sdk from '@modelcontextprotocol/server';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

// Held to the SDK's values by its types: its code, which is not needed else, would be a tenth of the start.
export const PROTOCOL_VERSION_META_KEY: typeof Sdk.PROTOCOL_VERSION_META_KEY =
  'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO_META_KEY: typeof Sdk.CLIENT_INFO_META_KEY = 'io.modelcontextprotocol/clientInfo';
export const CLIENT_CAPABILITIES_META_KEY: typeof Sdk.CLIENT_CAPABILITIES_META_KEY =
  'io.modelcontextprotocol/clientCapabilities';
export const SUBSCRIPTION_ID_META_KEY: typeof Sdk.SUBSCRIPTION_ID_META_KEY = 'io.modelcontextprotocol/subscriptionId';
const SERVER_INFO_META_KEY: typeof Sdk.SERVER_INFO_META_KEY = 'io.modelcontextprotocol/serverInfo';

/** The revision that carries everything in each request; no sessions. */
export const STATELESS_REVISION = '2026-07-28';
/** The revisions that open a session with `initialize`, newest first. */
export const SESSION_REVISIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26'];
export const SUPPORTED_REVISIONS: readonly string[] = [STATELESS_REVISION, ...SESSION_REVISIONS];
/** What a request without `MCP-Protocol-Version` speaks, and the only revision with JSON-RPC batches. */
export const BATCH_REVISION = '2025-03-26';

export const SERVER_INFO = { name: 'parley', title: 'Parley', version } as const;
export const SERVER_INFO_META = `${JSON.stringify(SERVER_INFO_META_KEY)}:${JSON.stringify(SERVER_INFO)}`;

/** Parley's extension: the capability, and the filter key on `subscriptions/listen`. */
export const CHAT_EXTENSION = 'io.github.mcp-parley/chat';
/** `_meta` key that carries an event's id, time and cursor. */
export const EVENT_META_KEY = 'io.github.mcp-parley/event';
/** `_meta` key of a request that names the participant where there is no argument for it. */
export const TOKEN_META_KEY = 'io.github.mcp-parley/participant_token';
/** `_meta` key of a request, true: a participant besides the principal's own one shall be created. */
export const ANOTHER_META_KEY = 'io.github.mcp-parley/another_participant';

/** JSON-RPC and MCP error codes. MCP 2026-07-28, basic. */
export const Code = {
  ParseError: -32700 satisfies Sdk.ProtocolErrorCode.ParseError,
  InvalidRequest: -32600 satisfies Sdk.ProtocolErrorCode.InvalidRequest,
  MethodNotFound: -32601 satisfies Sdk.ProtocolErrorCode.MethodNotFound,
  InvalidParams: -32602 satisfies Sdk.ProtocolErrorCode.InvalidParams,
  InternalError: -32603 satisfies Sdk.ProtocolErrorCode.InternalError,
  /** Revisions up to 2025-11-25 only; 2026-07-28 uses InvalidParams. */
  ResourceNotFound: -32002 satisfies Sdk.ProtocolErrorCode.ResourceNotFound,
  HeaderMismatch: -32020,
  MissingClientCapability: -32021 satisfies Sdk.ProtocolErrorCode.MissingRequiredClientCapability,
  UnsupportedVersion: -32022 satisfies Sdk.ProtocolErrorCode.UnsupportedProtocolVersion,
  /** Parley's own, outside the ranges that JSON-RPC and MCP reserve. */
  Malformed: 4000,
  Unauthenticated: 4010,
  Refused: 4030,
  SessionNotFound: 4040,
  NotAcceptable: 4060,
  LimitReached: 4290,
  Unavailable: 5030,
} as const;

/** A failure of the protocol itself, answered as a JSON-RPC error. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
    readonly httpStatus = 200,
    /** Headers that go with the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
