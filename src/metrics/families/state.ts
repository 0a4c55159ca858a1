import type { Totals } from '../../ports/operator-steps.js';
import type { StateStore } from '../../ports/state-store.js';
import { byLabel, type Family, histogramSamples } from '../family.js';
import type { StepFigures } from '../step-figures.js';
import type { WaitFigures } from '../wait-figures.js';

/** What the steps of this instance have done. */
export function stateFamilies(state: StateStore, steps: StepFigures, waits: WaitFigures): Family[] {
  const { sharing } = state;
  const total = (name: keyof Totals) => async () => [{ value: (await state.totals())[name] }];
  return [
    {
      name: 'parley_participants',
      help: 'Participants of the whole namespace, those gone and not yet forgotten included.',
      type: 'gauge',
      read: total('participants'),
    },
    {
      name: 'parley_rooms_active',
      help: 'Active rooms of the whole namespace.',
      type: 'gauge',
      read: total('activeRooms'),
    },
    {
      name: 'parley_tickets',
      help: 'Tickets of the whole namespace that wait, gather or are offered a match; those of open rooms included.',
      type: 'gauge',
      read: total('tickets'),
    },
    {
      name: 'parley_participants_created_total',
      help: 'Participants created at this instance.',
      type: 'counter',
      read: () => [{ value: steps.participants }],
    },
    {
      name: 'parley_tickets_total',
      help: 'Tickets that began to wait at this instance, by pool.',
      type: 'counter',
      read: () => byLabel('pool', steps.tickets),
    },
    {
      name: 'parley_matches_total',
      help: 'Matches made at this instance, by pool.',
      type: 'counter',
      read: () => byLabel('pool', steps.matches),
    },
    {
      name: 'parley_match_wait_seconds',
      help: 'How long tickets waited until this instance matched them or offered them a match, by pool.',
      type: 'histogram',
      read: () => [...waits.pools].flatMap(([pool, d]) => histogramSamples('parley_match_wait_seconds', { pool }, d)),
    },
    {
      name: 'parley_rooms_opened_total',
      help: 'Rooms opened at this instance, by kind.',
      type: 'counter',
      read: () => byLabel('kind', Object.entries(steps.rooms)),
    },
    {
      name: 'parley_messages_total',
      help: 'Messages accepted at this instance.',
      type: 'counter',
      read: () => [{ value: steps.messages }],
    },
    {
      name: 'parley_state_steps_total',
      help: 'Steps of the state by outcome: ok, refused by a rule, unavailable, failed.',
      type: 'counter',
      read: () =>
        [...steps.steps].flatMap(([step, { outcomes }]) =>
          Object.entries(outcomes).map(([outcome, value]) => ({ labels: { step, outcome }, value })),
        ),
    },
    {
      name: 'parley_state_step_duration_seconds',
      help: 'How long the steps of the state took that were taken at this instance.',
      type: 'histogram',
      read: () =>
        [...steps.steps]
          .filter(([, { durations }]) => durations.counts.some((count) => count > 0))
          .flatMap(([step, { durations }]) =>
            histogramSamples('parley_state_step_duration_seconds', { step }, durations),
          ),
    },
    {
      name: 'parley_state_reachable',
      help: '1 while the state can be reached; without STATE_URL always.',
      type: 'gauge',
      read: () => [{ value: Number(sharing?.reachable ?? true) }],
    },
    {
      name: 'parley_state_leader',
      help: '1 at the instance that carries out upkeep for all.',
      type: 'gauge',
      read: () => [{ value: Number(sharing?.leads ?? true) }],
    },
  ];
}
