import type { Instance, Participant, PoolMode, Sanction, Ticket } from './api/answers.js';
import type { Tone } from './parts/status.js';
import { span } from './parts/times.js';

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

export const waitingInWords = (waiting: number): string =>
  waiting === 0 ? 'Nobody waits now.' : `${count(waiting, 'ticket waits', 'tickets wait')} now.`;

type Words<K extends string> = Readonly<Record<K, readonly [Tone, string]>>;

export const MODES: Words<PoolMode> = {
  open: ['good', 'Open'],
  paused: ['warning', 'Paused'],
  draining: ['warning', 'Draining'],
};

export const STAGES: Words<Instance['stage']> = {
  serving: ['good', 'Ready'],
  draining: ['warning', 'Draining'],
  drained: ['quiet', 'Drained'],
};

export const PRESENCES: Words<Participant['presence']> = {
  present: ['good', 'Present'],
  away: ['warning', 'Away'],
  gone: ['quiet', 'Gone'],
};

export const TICKETS: Words<Ticket['state']> = {
  waiting: ['quiet', 'Waiting'],
  gathering: ['quiet', 'Party not complete'],
  offered: ['good', 'Offered a match'],
};

export const PROVENANCES: Readonly<Record<Participant['provenance'], string>> = {
  human: 'A person',
  agent: 'An agent',
  human_via_agent: 'A person through an agent',
};

export const KINDS: Readonly<Record<Sanction['kind'], string>> = { ban: 'Banned', mute: 'Muted' };

/** Until when something holds. @param until RFC 3339; null: until it is lifted */
export const untilInWords = (until: string | null, now = Date.now()): string =>
  until === null ? 'until it is lifted' : `for another ${span((Date.parse(until) - now) / 1_000)}`;

/** A code such as `partner_left` as words. */
export const plain = (code: string): string => code.replaceAll(/[_.]/g, ' ');
