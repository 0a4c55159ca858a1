import type { EventsSettings } from '../config/index.js';
import { ChatError } from '../domain/errors.js';
import { type CallContext, Code, RpcError } from '../mcp-transport/index.js';

/** The extension's name, as a client declares it. */
export const EVENTS_EXTENSION = 'io.modelcontextprotocol/events';

/**
 * Which numbers a client understands. `sep` has those of SEP-3415, for clients that declare the extension; `sketch` those
 * of the design sketch before it, which the clients in the field are built on.
 */
export type ErrorTable = EventsSettings['errorCodes'];

/** Why an endpoint could not be reached or verified. Nothing of what it answered is ever told. */
export type EndpointFailure =
  'connection_refused' | 'timeout' | 'tls_error' | 'http_4xx' | 'http_5xx' | 'challenge_failed';

/** What goes with each error. */
interface ErrorData {
  InvalidParams: undefined;
  NotFound: { kind: 'event' | 'subscription' };
  Forbidden: { reason?: string };
  ResourceExhausted: { limit: string; max?: number };
  Unsupported: { feature: string; value?: string; reason?: string };
  CallbackEndpointError: { reason: EndpointFailure };
}

export type EventsErrorName = keyof ErrorData;

/** The one table of error numbers. */
const CODES: Readonly<Record<EventsErrorName, Readonly<Record<ErrorTable, number>>>> = {
  InvalidParams: { sketch: Code.InvalidParams, sep: Code.InvalidParams },
  NotFound: { sketch: -32011, sep: -32023 },
  Forbidden: { sketch: -32012, sep: -32024 },
  ResourceExhausted: { sketch: -32013, sep: -32025 },
  Unsupported: { sketch: -32014, sep: -32026 },
  CallbackEndpointError: { sketch: -32015, sep: -32027 },
};

/** An error as it stands on the wire, in answers, on streams and in `terminated` envelopes. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: object;
}

/** A refusal by the extension's rules; the number depends on who asks. */
export class EventsError<N extends EventsErrorName = EventsErrorName> extends Error {
  constructor(
    override readonly name: N,
    readonly data: ErrorData[N],
    message: string = name,
  ) {
    super(message);
  }

  /** The error in the numbers of a table. */
  in(table: ErrorTable): WireError {
    const { name, message, data } = this;
    return { code: CODES[name][table], message, ...(data !== undefined && { data }) };
  }
}

export const invalidParams = (what: string) => new EventsError('InvalidParams', undefined, `Invalid params: ${what}`);
export const forbidden = (reason: string) => new EventsError('Forbidden', { reason });
export const unsupportedMode = (value: string) => new EventsError('Unsupported', { feature: 'deliveryMode', value });

/** The numbers for the answer to a request; `fallback` for a client that does not declare the extension. */
export const errorTableOf = (call: CallContext, fallback: ErrorTable): ErrorTable =>
  call.declares(EVENTS_EXTENSION) ? 'sep' : fallback;

/** Any failure of the domain as one of the extension; others stay what they are. */
export function asEventsError(error: unknown): unknown {
  if (!(error instanceof ChatError)) return error;
  const { code, message, details } = error;
  if (code === 'invalid_arguments') return invalidParams(message);
  if (code === 'participant_required' || code === 'participant_not_found') return forbidden(code);
  if (!code.startsWith('too_many_')) return error;
  const limit = code.slice('too_many_'.length);
  const max = details['limit'];
  return new EventsError('ResourceExhausted', { limit, ...(typeof max === 'number' && { max }) });
}

/** What to answer a request with that failed. */
export function asRpcError(error: unknown, table: ErrorTable): unknown {
  const cause = asEventsError(error);
  if (!(cause instanceof EventsError)) return cause;
  const { code, message, data } = cause.in(table);
  return new RpcError(code, message, data);
}
