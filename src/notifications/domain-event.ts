import type { LiveData, LiveName, LogEntry } from '../domain/event.js';

/** What has happened, after the commit: a new entry in a participant's log, or something live only. */
export type DomainEvent =
  | { readonly kind: 'logged'; readonly participantId: string; readonly entry: LogEntry }
  | {
      readonly kind: 'live';
      readonly participantId: string;
      readonly name: LiveName;
      readonly data: LiveData[LiveName];
    };
