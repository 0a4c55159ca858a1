import type { EventData, EventName, LogEntry } from '../domain/event.js';

/** An event as MCP Events shows it. `cursor` is the position after it; `events/poll` has it on the response instead. */
export interface EventOccurrence {
  readonly eventId: string;
  readonly name: EventName;
  /** When it happened, ISO 8601 with a zone. */
  readonly timestamp: string;
  readonly data: EventData[EventName];
  readonly cursor?: string;
}

/** The entry with the id, time and data that every other path shows. */
export function occurrenceOf({ eventId, body: { name, timestamp, data } }: LogEntry, cursor?: string): EventOccurrence {
  return { eventId, name, timestamp, data, ...(cursor !== undefined && { cursor }) };
}

/** As `occurrenceOf`, as JSON text without its braces; the data is serialised once, whoever hears it. */
export const occurrenceMembers = ({ eventId, body: { name, timestamp, json } }: LogEntry, cursor: string): string =>
  `"eventId":"${eventId}","name":"${name}","timestamp":"${timestamp}","data":${json},"cursor":"${cursor}"`;
