import { type EventData, type EventName, WrittenEvent } from '../../domain/event.js';
import type { Appended } from '../../ports/state-store.js';
import type { ParticipantRecord } from './participant-record.js';

/** The time written last, as text: the events of a step have one time. */
let written = { at: 0, text: new Date(0).toISOString() };

/** A time (milliseconds since the epoch) as it stands on the wire. */
export function timestamp(at: number): string {
  if (written.at !== at) written = { at, text: new Date(at).toISOString() };
  return written.text;
}

/** Writes one event to the logs of all these, and notes what it wrote. */
export function tell<N extends EventName>(
  appended: Appended[],
  recipients: readonly ParticipantRecord[],
  name: N,
  now: number,
  data: EventData[N],
): void {
  const body = new WrittenEvent(name, now, timestamp(now), data);
  for (const { id, log } of recipients) appended.push({ participantId: id, entry: log.append(body) });
}
