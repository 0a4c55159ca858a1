import {
  ConnectionLost,
  type Conversation,
  type HappeningEntry,
  Refusal,
  type Ticket,
  ToolFailure,
} from '../../../src/client/index.js';
import { ordinal, roughly } from './times.js';

/** Names as one says them: “Ann”, “Ann and Ben”, “Ann, Ben and 3 others”. */
export function namesOf(people: readonly { readonly displayName: string }[]): string {
  const names = people.map(({ displayName }) => displayName);
  if (names.length > 3) return `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

/** What a conversation is called: by its room's name, or by who is in it. */
export const titleOf = ({ roomName, partners }: Conversation) => roomName ?? (namesOf(partners) || 'A conversation');

export const poolInWords = (pool: string) => (pool === 'default' ? 'Anyone' : pool);

export function happeningInWords({ what, who }: HappeningEntry, { roomName, partners }: Conversation): string {
  const name = who?.displayName;
  switch (what) {
    case 'opened':
      return roomName === undefined ? `You met ${namesOf(partners) || 'somebody'}` : 'You are in the room';
    case 'joined':
      return `${name ?? 'You'} joined`;
    case 'left':
      return `${name ?? 'You'} left`;
    case 'timeout':
      return `${name ?? 'You'} lost the connection`;
    case 'removed':
      return name === undefined ? 'You were removed' : `${name} was removed`;
    case 'reconnected':
      return name === undefined ? 'You are back' : `${name} is back`;
    case 'closed':
      return 'The conversation has ended';
    case 'stopped':
      return 'An operator has ended the conversation';
    case 'watched':
      return 'An operator is watching this conversation';
    case 'unwatched':
      return 'No operator is watching any more';
    case 'lost':
      return 'The server was restarted and no longer knows this conversation';
  }
}

/** One’s place in the queue. */
export function positionInWords({ position, queueLength }: Ticket): string {
  if (position === null) return 'Your place is being kept.';
  if (queueLength <= 1) return 'You are the only one waiting right now.';
  if (position === 1) return `You are first in line, of ${queueLength} waiting.`;
  return `You are ${ordinal(position)} in line, of ${queueLength} waiting.`;
}

export const estimateInWords = (seconds: number | null) =>
  seconds === null ? 'Too early to tell' : capital(roughly(seconds));

const PLAIN: Readonly<Record<string, (failure: ToolFailure) => string>> = {
  rate_limited: ({ retryAfterSeconds }) =>
    `That was a little fast. Try again in ${retryAfterSeconds ?? 'a few'} seconds.`,
  room_full: () => 'This room is full. Choose another name, or try again when somebody has left.',
  room_inactive: () => 'This room has ended. Choose another name.',
  room_ended: () => 'This conversation has ended.',
  not_in_room: () => 'You are no longer in this conversation.',
  room_not_found: () => 'The server no longer knows this conversation.',
  pool_closed: () => 'Nobody new is taken in there for now. Try again later, or choose something else.',
  banned: (failure) => `${failure.message} by an operator.`,
  muted: (failure) => `${failure.message}: an operator decided it. You can still read.`,
  offer_not_found: () => 'This match is no longer there.',
  too_many_rooms: () => 'You are in as many conversations as this server allows. Leave one of them first.',
  too_many_tickets: () => 'You are waiting in as many queues as this server allows. Stop waiting in one first.',
  participant_not_found: () => 'The server no longer knows you. Try again to start anew.',
  unavailable: () => 'The server is restarting. Try again in a few seconds.',
};

/** What went wrong, for a person to read. */
export function failureInWords(error: unknown): string {
  if (error instanceof ToolFailure) return PLAIN[error.code]?.(error) ?? sentence(withoutUnderscores(error.message));
  if (error instanceof ConnectionLost) return 'There is no connection right now. Try again in a moment.';
  if (error instanceof Refusal) return sentence(error.message);
  return 'Something went wrong. Try again.';
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`;
}

/** Arguments as people read them: `display_name` becomes “display name”. */
const withoutUnderscores = (text: string) => text.replace(/\b[a-z]+(_[a-z]+)+\b/g, (name) => name.replaceAll('_', ' '));

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
