import type { FailureCategory } from '../../ports/webhook-store.js';

/** What may be told to a subscriber about a request that got no response (MCP Events, delivery status). */
export type EgressFault = Extract<FailureCategory, 'connection_refused' | 'timeout' | 'tls_error'>;

/**
 * No response was had. A name that does not resolve and an address that is not allowed look like a refused connection, so
 * that nobody can explore a network by its answers. The message names an error code for operators, never the URL.
 */
export class EgressError extends Error {
  override readonly name = 'EgressError';

  constructor(
    readonly category: EgressFault,
    code = '',
  ) {
    super(code === '' ? category : `${category} (${code})`);
  }
}

/** Not the host's fault: it is asked too often, too much is under way, or Parley stops. To be tried later. */
export class EgressThrottled extends Error {
  override readonly name = 'EgressThrottled';

  constructor(readonly retryAfterMs: number) {
    super('Throttled');
  }
}

/** The error code of a failed system call or of TLS, for messages; nothing else of an error is repeated. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : '';
}

/** Why a signal has ended a request: out of time, unless it says otherwise. */
export const endOf = ({ reason }: AbortSignal): Error =>
  reason instanceof EgressThrottled ? reason : new EgressError('timeout');
