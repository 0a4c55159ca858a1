import { Injectable } from '@nestjs/common';
import { Durations } from '../domain/durations.js';
import { ChatError, isUnavailable } from '../domain/errors.js';
import type { Appended, StateStore } from '../ports/state-store.js';

type Step = Exclude<keyof StateStore, 'sharing' | 'outbox'>;

/** All of them are timed. */
const STEPS: Readonly<Record<Step, true>> = {
  createParticipant: true,
  findParticipant: true,
  participantsOf: true,
  participant: true,
  updateProfile: true,
  renew: true,
  release: true,
  forget: true,
  enqueue: true,
  cancel: true,
  tickets: true,
  waiting: true,
  front: true,
  wakeAt: true,
  takeDue: true,
  claim: true,
  offer: true,
  respond: true,
  join: true,
  post: true,
  sent: true,
  leave: true,
  room: true,
  rooms: true,
  messages: true,
  block: true,
  report: true,
  readEvents: true,
  acknowledge: true,
  expire: true,
  totals: true,
  poolFigures: true,
  poolControls: true,
  controlPool: true,
  listTickets: true,
  ticketFacts: true,
  removeTicket: true,
  moveTicket: true,
  listRooms: true,
  roomFacts: true,
  closeRoom: true,
  transcript: true,
  supervise: true,
  participantFacts: true,
  dismiss: true,
  impose: true,
  lift: true,
  sanctions: true,
};

/** `ok`; `refused` by a rule; `unavailable`: the state was away; `failed`: what nobody foresaw. */
export type StepOutcome = 'ok' | 'refused' | 'unavailable' | 'failed';

export interface StepCounts {
  readonly outcomes: Record<StepOutcome, number>;
  readonly durations: Durations;
}

/** The result of a step, as far as it is counted. */
type Result<K extends Step> = Awaited<ReturnType<StateStore[K]>>;

/** What the steps of this instance have done, and how long they took. */
@Injectable()
export class StepFigures {
  readonly steps = new Map<Step, StepCounts>();
  participants = 0;
  messages = 0;
  readonly rooms = { match: 0, named: 0 };
  /** By pool. */
  readonly tickets = new Map<string, number>();
  readonly matches = new Map<string, number>();

  /** Times and counts the steps of a store from now on. */
  observe(store: StateStore, pools: readonly string[]): void {
    for (const counts of [this.tickets, this.matches]) for (const pool of pools) counts.set(pool, 0);
    const steps = store as unknown as Record<Step, (...args: unknown[]) => unknown>;
    for (const name of Object.keys(STEPS) as Step[]) {
      const counts = { outcomes: { ok: 0, refused: 0, unavailable: 0, failed: 0 }, durations: new Durations() };
      this.steps.set(name, counts);
      steps[name] = timed(steps[name].bind(store), counts, this.#counters[name] as Counter | undefined);
    }
  }

  readonly #counters: { readonly [K in Step]?: (result: Result<K>) => void } = {
    createParticipant: () => this.participants++,
    post: ({ duplicate }) => {
      if (!duplicate) this.messages++;
    },
    enqueue: (result) => {
      if (result.status === 'waiting') increase(this.tickets, result.ticket.pool);
    },
    claim: (result) => {
      if (result) this.#matched(result.appended);
    },
    respond: (result) => {
      if (result.status === 'matched') this.#matched(result.appended);
    },
    join: ({ status }) => {
      if (status === 'room_created') this.rooms.named++;
    },
  };

  /** A match tells everybody in it of its pool. */
  #matched(appended: readonly Appended[]): void {
    const found = appended.find(({ entry }) => entry.body.name === 'chatroom.found');
    if (!found) return;
    const { pool } = found.entry.body.data as { pool: string };
    increase(this.matches, pool);
    if (!appended.some(({ entry }) => entry.body.name === 'partner.joined')) this.rooms.match++;
  }
}

type Counter = (result: unknown) => void;

function timed(step: (...args: unknown[]) => unknown, { outcomes, durations }: StepCounts, count?: Counter) {
  const done = (since: number, result: unknown) => {
    durations.record((performance.now() - since) / 1000);
    outcomes.ok++;
    count?.(result);
    return result;
  };
  const failed = (since: number, error: unknown): never => {
    durations.record((performance.now() - since) / 1000);
    outcomes[isUnavailable(error) ? 'unavailable' : error instanceof ChatError ? 'refused' : 'failed']++;
    throw error;
  };
  return (...args: unknown[]): unknown => {
    const since = performance.now();
    let result: unknown;
    try {
      result = step(...args);
    } catch (error) {
      return failed(since, error);
    }
    if (!(result instanceof Promise)) return done(since, result);
    return result.then(
      (value) => done(since, value),
      (error: unknown) => failed(since, error),
    );
  };
}

const increase = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
