import { isAscii, isUtf8 } from 'node:buffer';
import { Code, RpcError } from './protocol.js';

export type RequestId = string | number;

/** A request (`id` present) or a notification. */
export interface RpcMessage {
  readonly jsonrpc: '2.0';
  readonly id?: RequestId;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export type RpcRequest = RpcMessage & { readonly id: RequestId };

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses a body. @throws RpcError ParseError */
export function parseJson(body: Buffer): unknown {
  try {
    // Most bodies are ASCII, which Node decodes quicker as Latin-1.
    if (isAscii(body)) return JSON.parse(body.toString('latin1'));
    // Decoding would silently replace what is not UTF-8, and a message would not be what was sent.
    if (isUtf8(body)) return JSON.parse(body.toString('utf8'));
  } catch {
    // Not JSON: refused below.
  }
  throw new RpcError(Code.ParseError, 'Parse error: the body is not valid JSON in UTF-8', undefined, 400);
}

/** Whether a value is a JSON-RPC response, which clients of a session may send. */
export function isResponse(value: unknown): boolean {
  return (
    isObject(value) && value['jsonrpc'] === '2.0' && !('method' in value) && ('result' in value || 'error' in value)
  );
}

/** Checks the shape of one message and names what is wrong with it. @throws RpcError InvalidRequest */
export function requireMessage(value: unknown): RpcMessage {
  const wrong = shapeError(value);
  if (wrong) throw new RpcError(Code.InvalidRequest, `Invalid request: ${wrong}`, undefined, 400);
  return value as RpcMessage;
}

function shapeError(value: unknown): string | undefined {
  if (!isObject(value)) return 'the body must be one JSON-RPC object';
  if (value['jsonrpc'] !== '2.0') return 'jsonrpc must be "2.0"';
  if (typeof value['method'] !== 'string') return 'method must be a string';
  if ('id' in value && typeof value['id'] !== 'string' && !Number.isSafeInteger(value['id'])) {
    return 'id must be a string or an integer';
  }
  if (value['params'] !== undefined && !isObject(value['params'])) return 'params must be an object';
  return undefined;
}

/** The id of whatever was sent, for the answer to a message that is not a proper request. */
export function idOf(value: unknown): RequestId | null {
  const id = isObject(value) ? value['id'] : undefined;
  return typeof id === 'string' || Number.isFinite(id) ? (id as RequestId) : null;
}

/** The method of whatever was sent, for the log. */
export function methodOf(value: unknown): string | undefined {
  const method = isObject(value) ? value['method'] : undefined;
  return typeof method === 'string' ? method : undefined;
}

export const resultJson = (id: RequestId, result: string) =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;

/** Without an id when the request's could not be read: MCP has no null ids (basic, Error Responses). */
export function errorJson(id: RequestId | null, { code, message, data }: RpcError): string {
  const error = { code, message, ...(data !== undefined && { data }) };
  return JSON.stringify({ jsonrpc: '2.0', ...(id !== null && { id }), error });
}

export const notificationJson = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', method, params });
