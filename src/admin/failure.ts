import { AccessDenied } from '../auth/index.js';
import { ChatError, type ChatErrorCode, isUnavailable } from '../domain/errors.js';
import { RpcError } from '../mcp-transport/index.js';

/** Why a request is not served, as it is answered. */
export class AdminFailure extends Error {
  override readonly name = 'AdminFailure';

  constructor(
    readonly status: number,
    /** Stable; callers may switch on it. */
    readonly code: string,
    message: string,
    /** What would be right. */
    readonly hint: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** When what is needed is away for now. */
const RETRY = { 'Retry-After': '2' };

/** The status of each code that is not a conflict (409). */
const STATUS: Readonly<Record<string, number>> = {
  invalid_arguments: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_allowed: 403,
  unknown_pool: 404,
  participant_not_found: 404,
  room_not_found: 404,
  ticket_not_found: 404,
  case_not_found: 404,
  sanction_not_found: 404,
  webhook_not_found: 404,
  instance_not_found: 404,
  rate_limited: 429,
  too_many_sanctions: 429,
  instance_unanswered: 502,
  unavailable: 503,
} satisfies Partial<Record<ChatErrorCode, number>> & Record<string, number>;

/** What to do about what participants would be told otherwise. */
const HINTS: Readonly<Partial<Record<ChatErrorCode, string>>> = {
  invalid_arguments: 'Correct it and try again.',
  participant_not_found:
    'Nobody of that user_id is known any more. GET /admin/participants finds those of a principal.',
  room_not_found: 'It never was, or is no longer kept. GET /admin/rooms lists those that are active.',
  room_ended: 'There is nobody in it any more.',
  unavailable: 'Try again in a few seconds.',
};

export const statusOf = (code: string): number => STATUS[code] ?? 409;

/**
 * What a failure means to whoever called; undefined for one that nobody foresaw.
 * @param changes whether it was to change something
 */
export function failureOf(error: unknown, changes: boolean): AdminFailure | undefined {
  if (error instanceof AdminFailure) return error;
  if (error instanceof AccessDenied) return denied(error);
  if (error instanceof ChatError) {
    if (changes && isUnavailable(error)) return inDoubt(error);
    const { code, message, hint } = error;
    const status = statusOf(code);
    return new AdminFailure(status, code, message, HINTS[code] ?? hint, status === 503 ? RETRY : {});
  }
  // The door's: a host or an origin that is not allowed.
  if (error instanceof RpcError) {
    const hint = 'Use a host of ALLOWED_HOSTS and, in a browser, a page of the same host or of ALLOWED_ORIGINS.';
    return new AdminFailure(error.httpStatus, 'not_allowed', error.message, hint);
  }
  return ofFastify(error);
}

/** By 503 balancers are told that nothing has been done, and send it elsewhere; here nobody knows. */
export const IN_DOUBT = 504;

const inDoubt = ({ code, message }: ChatError) =>
  new AdminFailure(IN_DOUBT, code, message, 'It may have been done all the same: look before you try again.');

function denied({ status, message, challenge }: AccessDenied): AdminFailure {
  const headers: Record<string, string> = challenge === undefined ? {} : { 'WWW-Authenticate': challenge };
  switch (status) {
    case 400:
      return new AdminFailure(400, 'invalid_request', message, 'Send Authorization: Bearer and one token.', headers);
    case 401:
      return new AdminFailure(401, 'unauthenticated', message, SIGN_IN, headers);
    case 403:
      return new AdminFailure(403, 'forbidden', message, 'Use a token that has the scope.', headers);
    case 503:
      return new AdminFailure(503, 'unavailable', message, 'Try again in a few seconds.', RETRY);
  }
}

export const SIGN_IN =
  'Send ADMIN_TOKEN, or a token with the scope parley:admin or parley:moderate, as Authorization: Bearer.';

const BODY_PROBLEMS: Readonly<Record<number, readonly [code: string, hint: string]>> = {
  400: ['invalid_body', 'Send one JSON object, or no body at all.'],
  413: ['body_too_large', 'Send less than BODY_MAX_BYTES.'],
  415: ['unsupported_media_type', 'Send Content-Type: application/json.'],
};

/** What Fastify finds wrong with a request before anybody else looks at it. */
function ofFastify(error: unknown): AdminFailure | undefined {
  const { statusCode, message } = error as { statusCode?: number; message: string };
  const problem = statusCode === undefined ? undefined : BODY_PROBLEMS[statusCode];
  return problem && new AdminFailure(statusCode!, problem[0], message, problem[1]);
}
