import type { Awaitable } from '../ports/awaitable.js';
import type { CallContext } from './call-context.js';

/** A JSON-RPC method that a feature adds to the endpoint. */
export interface McpMethod {
  readonly name: string;
  /** In which revisions there is such a method; `stateless` is 2026-07-28 alone. */
  readonly eras: 'both' | 'stateless';
  /**
   * The result, without what its revision wants besides (`resultType` and the like); undefined when the handler answers
   * with an event stream that it has opened itself, which it may do for a stateless call only.
   * @throws RpcError
   */
  handle(params: Readonly<Record<string, unknown>>, call: CallContext): Awaitable<object | undefined>;
}
