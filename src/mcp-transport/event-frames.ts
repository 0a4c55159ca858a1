import type { LiveData, LiveName, LogEntry } from '../domain/event.js';
import { EVENT_META_KEY, SUBSCRIPTION_ID_META_KEY } from './protocol.js';
import type { RequestId } from './json-rpc.js';

/** A frame that carries nothing but a position to resume from. */
export const positionFrame = (id: string) => `id: ${id}\ndata: \n\n`;

export const messageFrame = (json: string) => `event: message\ndata: ${json}\n\n`;

/** `,"…/subscriptionId":…` for the `_meta` of everything on a `subscriptions/listen` stream. */
export const subscriptionMeta = (id: RequestId) => `,"${SUBSCRIPTION_ID_META_KEY}":${JSON.stringify(id)}`;

/**
 * An event as a custom notification: its data flat in `params`, id and cursor in `_meta`. The data is serialised once
 * per event, whoever hears it.
 */
export function eventJson(entry: LogEntry, truncated: boolean, extraMeta: string): string {
  const { name, json } = entry.body;
  return `{"jsonrpc":"2.0","method":"${name}","params":${json.slice(0, -1)},"_meta":{"${EVENT_META_KEY}":${identity(entry)}${
    truncated ? ',"truncated":true' : ''
  }}${extraMeta}}}}`;
}

/** An event as an update of a resource, the whole envelope in `_meta`. */
export function updatedJson(uri: string, entry: LogEntry, truncated: boolean, extraMeta: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":${JSON.stringify(uri)},"_meta":{"${EVENT_META_KEY}":${identity(
    entry,
  )},"data":${entry.body.json}${truncated ? ',"truncated":true' : ''}}${extraMeta}}}}`;
}

/** The event as results of tools show it. */
export const envelopeJson = (entry: LogEntry) => `${identity(entry)},"data":${entry.body.json}}`;

/** Something live only: a custom notification without id or cursor. */
export function liveJson<N extends LiveName>(name: N, data: LiveData[N], extraMeta: string): string {
  const meta = extraMeta === '' ? '' : `,"_meta":{${extraMeta.slice(1)}}`;
  return `{"jsonrpc":"2.0","method":"${name}","params":${JSON.stringify(data).slice(0, -1)}${meta}}}`;
}

/** The envelope's head, still open: the caller closes the brace. */
const identity = (entry: LogEntry) =>
  `{"event_id":"${entry.eventId}","name":"${entry.body.name}","timestamp":"${entry.body.timestamp}","cursor":"${entry.cursor}"`;
