import type { AccessDenied } from '../auth/index.js';
import { Code, RpcError } from './protocol.js';

/** The code of each status that a refused token has. */
const DENIED = { 400: Code.Malformed, 401: Code.Unauthenticated, 403: Code.Refused, 503: Code.Unavailable } as const;

/** How the endpoint says why it does not serve a request. */
export function deniedError({ status, message, challenge }: AccessDenied): RpcError {
  const headers = challenge === undefined ? undefined : { 'WWW-Authenticate': challenge };
  return new RpcError(DENIED[status], message, status === 503 ? { retryable: true } : undefined, status, headers);
}
