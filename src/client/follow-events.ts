import type { Client } from '@modelcontextprotocol/client';
import type { Following, HeardEvent, Listener, Position } from './connection.js';
import { CHAT_EXTENSION } from './extension.js';

const EVENT_META_KEY = 'io.github.mcp-parley/event';

/** How long the server may take to acknowledge that it delivers, in milliseconds. */
const ACKNOWLEDGED_WITHIN_MS = 15_000;

/**
 * Hears a participant's events on `subscriptions/listen` (MCP 2026-07-28), those after the cursor first. Takes the
 * client's `fallbackNotificationHandler`, so a client follows one participant at a time. It does not listen again by
 * itself: go on from the cursor of the last event when `ended` has settled.
 * @throws what the client throws when the server cannot be reached or refuses
 */
export async function followEvents(
  client: Client,
  { participantToken, cursor }: Position,
  listener: Pick<Listener, 'event'>,
): Promise<Following> {
  let stopped = false;
  client.fallbackNotificationHandler = async (notification) => {
    if (!stopped) listener.event(heardEvent(notification));
  };
  const who = participantToken === '' ? {} : { participant_token: participantToken };
  const filter: object = { [CHAT_EXTENSION]: { ...who, cursor } };
  const subscription = await client.listen(filter, { timeout: ACKNOWLEDGED_WITHIN_MS });
  return {
    ended: subscription.closed.then(() => undefined),
    stop: () => {
      stopped = true;
      void subscription.close();
    },
  };
}

interface EventMeta extends Pick<HeardEvent, 'timestamp' | 'cursor' | 'truncated'> {
  readonly event_id?: string;
}

type Notification = Parameters<NonNullable<Client['fallbackNotificationHandler']>>[0];

function heardEvent({ method, params }: Notification): HeardEvent {
  const { _meta, ...data } = params ?? {};
  const event = _meta?.[EVENT_META_KEY] as EventMeta | undefined;
  if (event === undefined) return { name: method, data };
  const { event_id: eventId, timestamp, cursor, truncated } = event;
  return { name: method, data, eventId, timestamp, cursor, ...(truncated && { truncated }) };
}
