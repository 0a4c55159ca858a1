import { EventBody, type EventData, type EventName } from '../../domain/event.js';
import type { Appended } from '../../ports/state-store.js';
import type { ParticipantRecord } from './participant-record.js';

/** Writes one event to the logs of all these, and notes what it wrote. */
export function tell<N extends EventName>(
  appended: Appended[],
  recipients: Iterable<ParticipantRecord>,
  name: N,
  now: number,
  data: EventData[N],
): void {
  const body = new EventBody(name, now, new Date(now).toISOString(), data);
  for (const { id, log } of recipients) appended.push({ participantId: id, entry: log.append(body) });
}
