/** Stable codes of every failure the domain can report; hosts may switch on them. */
export type ChatErrorCode =
  | 'invalid_arguments'
  | 'participant_required'
  | 'participant_not_found'
  | 'unknown_pool'
  | 'ticket_refused'
  | 'party_mismatch'
  | 'offer_not_found'
  | 'too_many_tickets'
  | 'too_many_rooms'
  | 'too_many_waits'
  | 'too_many_streams'
  | 'too_many_participants'
  | 'too_many_sanctions'
  | 'rate_limited'
  | 'room_not_found'
  | 'room_ended'
  | 'not_in_room'
  | 'room_full'
  | 'room_inactive'
  | 'member_not_found'
  | 'ticket_not_found'
  | 'pool_closed'
  | 'banned'
  | 'muted'
  | 'message_refused'
  | 'not_allowed'
  | 'case_not_found'
  | 'sanction_not_found'
  | 'webhook_not_found'
  | 'instance_not_found'
  | 'unavailable'
  | 'internal';

/**
 * A failure that the caller can understand and often mend.
 *
 * `message` says what was wrong, `hint` what would be right; neither ever holds a token or a partner's text.
 */
export class ChatError extends Error {
  override readonly name = 'ChatError';

  constructor(
    readonly code: ChatErrorCode,
    message: string,
    readonly hint: string,
    /** Whether the very same call may succeed later. */
    readonly retryable = false,
    /** Further facts for the caller, e.g. `retry_after_seconds`. */
    readonly details: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
  }
}

/** Whether the service or its state is away for now. */
export const isUnavailable = (error: unknown): boolean => error instanceof ChatError && error.code === 'unavailable';

/** Whether a rule has said no. */
export const isRefusal = (error: unknown): error is ChatError => error instanceof ChatError && !isUnavailable(error);

export const invalidArguments = (message: string, hint = 'Correct the argument and call the tool again.') =>
  new ChatError('invalid_arguments', message, hint);

export const participantRequired = () =>
  new ChatError(
    'participant_required',
    'No participant is known for this call',
    'Call enter_queue or join_room first and pass the participant_token it returned.',
  );

/** One answer for tokens that never existed, have expired or belong to somebody else. */
export const participantNotFound = () =>
  new ChatError(
    'participant_not_found',
    'Participant not found',
    'The participant_token is unknown or has expired. Call enter_queue without participant_token to start anew.',
  );

export const roomNotFound = () =>
  new ChatError('room_not_found', 'Room not found', 'Call get_status to list the rooms you are in.');

export const roomEnded = () =>
  new ChatError(
    'room_ended',
    'Chat has ended',
    'Call enter_queue to find a new partner, or get_messages to read back.',
  );

export const notInRoom = () =>
  new ChatError('not_in_room', 'You are not in this room', 'Call get_status to list the rooms you are in.');

export const roomFull = () =>
  new ChatError('room_full', 'Room is full', 'Choose another room_name, or try again when somebody has left.', true);

export const roomInactive = () =>
  new ChatError('room_inactive', 'Room is no longer active', 'Choose another room_name, or call enter_queue.');

export const memberNotFound = () =>
  new ChatError(
    'member_not_found',
    'No such participant in this room',
    'Pass the user_id of somebody who is or was in this room with you; get_status lists them.',
  );

/** One answer for offers that never were, are over, or are somebody else's. */
export const offerNotFound = () =>
  new ChatError(
    'offer_not_found',
    'Offer not found',
    'The offer is over or never was yours. Call get_status to see where you stand.',
  );

export const ticketNotFound = () =>
  new ChatError(
    'ticket_not_found',
    'Ticket not found',
    'It was matched, cancelled or has expired. List the tickets again.',
  );

/** @param why what it does that it must not, e.g. `is offered a match` */
export const ticketHeld = (why: string) =>
  new ChatError(
    'ticket_refused',
    `The ticket ${why}`,
    'Try again when that is over, or choose another ticket or pool.',
  );

export const poolClosed = (pool: string) =>
  new ChatError('pool_closed', `Pool "${pool}" takes nobody for now`, 'Try again later, or use another pool.', true);

/** @param until milliseconds since the epoch; null: until it is lifted */
export const banned = (until: number | null) =>
  new ChatError(
    'banned',
    `You have been excluded${untilWords(until)}`,
    'An operator decided it; calling again does not help.',
  );

/** @param until milliseconds since the epoch; null: until it is lifted */
export const muted = (until: number | null) =>
  new ChatError('muted', `You may not write${untilWords(until)}`, 'An operator decided it; you may read and leave.');

/** @param reason for its author, by the moderator */
export const messageRefused = (reason: string) =>
  new ChatError(
    'message_refused',
    `This message is not allowed here: ${reason}`,
    'Say it in another way, or not at all.',
  );

/** @param reason for whoever wants to be called so, by the moderator */
export const nameRefused = (reason: string) =>
  new ChatError('message_refused', `This display_name is not allowed here: ${reason}`, 'Choose another display_name.');

/** What people write is looked at first, and nobody is there to do so. */
export const moderationUnavailable = () =>
  new ChatError(
    'unavailable',
    'What you wrote cannot be checked at the moment, so nobody has read it',
    'Call again in a few seconds with the same participant_token and client_message_id.',
    true,
  );

/** What an operator may not do, whatever else the operator may. */
export const notAllowed = (message: string, hint: string) => new ChatError('not_allowed', message, hint);

export const caseNotFound = () =>
  new ChatError(
    'case_not_found',
    'Case not found',
    'It is resolved already, or so old that it was dropped. List the cases again.',
  );

export const sanctionNotFound = () =>
  new ChatError('sanction_not_found', 'Sanction not found', 'It is over or was lifted. List the sanctions again.');

const untilWords = (until: number | null) => (until === null ? '' : ` until ${new Date(until).toISOString()}`);

export const partyMismatch = (what: string) =>
  new ChatError('party_mismatch', `Your party differs in ${what}`, 'Agree with the others on it, then call again.');

export const limitReached = (
  code: Extract<ChatErrorCode, `too_many_${string}`>,
  what: string,
  limit: number,
  hint: string,
) => new ChatError(code, `Limit reached: ${limit} ${what}`, hint, true, { limit });

export const tooManyParticipants = (limit: number) =>
  limitReached('too_many_participants', 'participants', limit, 'Try again later.');

export const tooManyOfPrincipal = (limit: number) =>
  limitReached(
    'too_many_participants',
    'participants per principal',
    limit,
    'Pass the participant_token of one you have, or try again when one has gone.',
  );

export const tooManySanctions = (limit: number) =>
  limitReached('too_many_sanctions', 'bans and mutes in force', limit, 'Lift some that are no longer needed.');

export const tooManyTickets = (limit: number) =>
  limitReached('too_many_tickets', 'tickets per participant', limit, 'Call leave_queue for a pool you no longer need.');

export const tooManyRooms = (limit: number) =>
  limitReached(
    'too_many_rooms',
    'rooms per participant',
    limit,
    'Call leave_chat for a room, or leave_queue for a pool, you no longer need.',
  );

export const rateLimited = (what: 'messages' | 'joins' | 'reports', retryAfterSeconds: number) =>
  new ChatError(
    'rate_limited',
    `Too many ${what}`,
    `Wait ${retryAfterSeconds} s, then make the same call again.`,
    true,
    { retry_after_seconds: retryAfterSeconds },
  );

export const unavailable = () =>
  new ChatError(
    'unavailable',
    'The service is shutting down',
    'Call again in a few seconds with the same participant_token and cursor; nothing is lost.',
    true,
  );

/** The state cannot be reached. Whether the step was taken is unknown when its answer was lost. */
export const stateUnavailable = () =>
  new ChatError(
    'unavailable',
    'The service cannot reach its state',
    'Call again in a few seconds with the same participant_token, cursor and client_message_id; nothing is lost.',
    true,
  );

/** The history cannot be reached; what the state still has can be read. */
export const historyUnavailable = () =>
  new ChatError(
    'unavailable',
    'The service cannot reach its history',
    'Call again in a minute; nothing is lost. What was said lately can be read with get_messages meanwhile.',
    true,
  );

/** What nobody foresaw. The log says more under the same request id. */
export const internalError = (requestId: string) =>
  new ChatError('internal', 'Internal error', 'The fault is not in your call; report the request_id.', false, {
    request_id: requestId,
  });
