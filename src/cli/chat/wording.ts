import {
  ConnectionLost,
  type Conversation,
  type HappeningEntry,
  type Link,
  Refusal,
  type Ticket,
  ToolFailure,
} from '../../client/index.js';

/** `Ann`, `Ann and Ben`, `Ann, Ben and Cleo`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Whom one talks to, or in which room one is. */
export function titleOf({ roomName, partners }: Conversation): string {
  const present = partners.filter(({ presence }) => presence !== 'gone');
  const names = listed((present.length > 0 ? present : partners).map(({ displayName }) => displayName));
  if (roomName === undefined) return names || 'nobody';
  return names === '' ? roomName : `${roomName} with ${names}`;
}

/** What happened in a conversation, as a sentence. */
export function happened({ what, who }: HappeningEntry, conversation: Conversation): string {
  const name = who?.displayName;
  switch (what) {
    case 'opened':
      return opened(conversation);
    case 'joined':
      return `${name ?? 'You'} joined.`;
    case 'left':
      return name === undefined ? 'You left the conversation.' : `${name} left.`;
    case 'timeout':
      return name === undefined ? 'You were away for too long.' : `${name} went away without a word.`;
    case 'removed':
      return name === undefined ? 'You were removed.' : `${name} was removed.`;
    case 'reconnected':
      return name === undefined ? 'You are back.' : `${name} is back.`;
    case 'closed':
      return 'The conversation is over.';
    case 'stopped':
      return 'An operator has ended the conversation.';
    case 'watched':
      return 'An operator is watching this conversation from now on.';
    case 'unwatched':
      return 'No operator is watching this conversation any more.';
    case 'lost':
      return 'The service has forgotten this conversation.';
  }
}

function opened(conversation: Conversation): string {
  const { roomName, partners, reasons } = conversation;
  const why = reasons.length > 0 ? ` ${reasons.map(sentence).join(' ')}` : '';
  if (roomName === undefined) return `You are talking to ${titleOf(conversation)}.${why}`;
  return partners.length === 0
    ? `You are in ${roomName}. Nobody else is here yet.`
    : `You are in ${titleOf(conversation)}.${why}`;
}

/** With a full stop at its end. */
export const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Where one stands in a queue. */
export function placeOf({ pool, position, queueLength, estimatedWaitSeconds }: Ticket): string {
  const place = position === null ? 'a match is being made' : `${ordinal(position)} of ${queueLength}`;
  const wait = estimatedWaitSeconds === null ? '' : `, about ${duration(estimatedWaitSeconds)}`;
  return `in ${pool}: ${place}${wait}`;
}

/** `1st`, `2nd`, `3rd`, `4th`, … */
export function ordinal(count: number): string {
  const ending = { one: 'st', two: 'nd', few: 'rd' } as Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;
  return `${count}${ending[ORDINALS.select(count)] ?? 'th'}`;
}

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });

/** A time to wait in words: `40 s`, `2 min`, `3 h`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** Why something a person asked for was not done, and what helps. */
export function failureOf(error: unknown): string {
  if (error instanceof ConnectionLost) return 'There is no connection to the service right now; try again in a moment.';
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof ToolFailure)) throw error;
  const { message, retryAfterSeconds } = error;
  return retryAfterSeconds === undefined
    ? sentence(message)
    : `${message}; try again in ${duration(retryAfterSeconds)}.`;
}

/** How the connection is, in a word or two. */
export function linkWords(link: Link): string {
  switch (link.state) {
    case 'reconnecting':
      return 'offline, trying again';
    case 'refused':
      return 'refused';
    case 'closed':
      return 'closed';
    default:
      return link.state;
  }
}
