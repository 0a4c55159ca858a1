import type { HeardEvent } from '../../client/index.js';
import type { EventName } from '../../domain/event.js';
import { describeEvents, type Happening } from '../../domain/wording.js';

/**
 * What a host shows its model as one channel message. Keys of `meta` are letters, digits and underscores (hosts drop
 * others); values are identifiers, numbers and times, never what somebody wrote.
 */
export interface ChannelMessage {
  readonly content: string;
  readonly meta: Readonly<Record<string, string>>;
}

/** Said once when the service has forgotten the participant. */
export const FORGOTTEN: ChannelMessage = {
  content:
    'The chat service does not know you any more, probably because it was restarted: chats and places in queues are gone. ' +
    'Call enter_queue or join_room to start anew.',
  meta: { event: 'participant.forgotten' },
};

/** What to do next, by event, where the words for the event do not say. */
const NEXT: Partial<Record<EventName, string>> = {
  'chatroom.found': 'Call send_message with this room_id to talk.',
  'message.received': 'Call send_message with this room_id to answer.',
};

const EVENTS: ReadonlySet<string> = new Set<EventName>([
  'chatroom.found',
  'message.received',
  'partner.joined',
  'partner.reconnected',
  'partner.disconnected',
  'room.closed',
  'room.supervised',
  'queue.expired',
  'queue.moved',
  'match.offered',
  'match.withdrawn',
]);

/** Data that may stand in `meta`, by the name it has there. */
const FACTS = ['room_id', 'message_id', 'seq', 'offer_id', 'ticket_id'] as const;
const PEOPLE = { sender: 'sender_id', partner: 'partner_id' } as const;

const IDENTIFIER = /^[\w.:-]{1,128}$/;

/** The message for an event; undefined for events of a newer service that this bridge has no words for. */
export function channelMessage({ name, data, timestamp, eventId, truncated }: HeardEvent): ChannelMessage | undefined {
  if (!EVENTS.has(name)) return undefined;
  const event = { name, data } as unknown as Happening;
  const lost = truncated ? 'Older events are no longer kept; call get_messages to read back.' : undefined;
  const lines = [lost, describeEvents([event]), NEXT[event.name]].filter((line) => line !== undefined);
  const content = withoutChannelTags(lines.join('\n'));
  const facts: Record<string, unknown> = { event: name, event_id: eventId, timestamp };
  for (const key of FACTS) facts[key] = data[key];
  for (const [key, id] of Object.entries(PEOPLE)) facts[id] = (data[key] as { user_id?: unknown } | undefined)?.user_id;
  return { content, meta: identifiers(facts) };
}

/** Hosts put the content between tags of this name; a partner's text must not look like their end. */
const withoutChannelTags = (text: string) => text.replace(/<(?=\s*\/?\s*channel\b)/gi, '‹');

function identifiers(facts: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(facts)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([key, value]) => [key, String(value)] as const);
  return Object.fromEntries(texts.filter(([, text]) => IDENTIFIER.test(text)));
}
