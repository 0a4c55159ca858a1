import type { Decision, PoolState } from '../../operations/index.js';
import {
  byName,
  facts,
  flag,
  list,
  named,
  nullable,
  number,
  object,
  oneOf,
  text,
  time,
  type TypeOf,
  whole,
} from '../schema.js';
import { iso, isoOrNull } from './common.js';

export const MODES = ['open', 'paused', 'draining'] as const;

const summary = {
  pool: text(),
  description: text(),
  mode: oneOf(
    MODES,
    'paused: people wait and nobody is matched. draining: nobody enters, and those who wait are matched.',
  ),
  strategy: object({
    name: text(),
    options: facts('As they were given.'),
    by_operator: flag('Whether an operator chose it in place of the one that is configured.'),
  }),
  suspended: flag('Whether this instance has suspended the strategy because of its failures.'),
  waiting: whole('Tickets that wait.'),
  oldest_at: nullable(time('Since when the longest waiting ticket waits.')),
  group: object({ minimum: whole(), maximum: whole(), multiple: whole() }),
};

export const Pool = named('Pool', object(summary));

export function pool({ settings, control, figures, statistics }: PoolState): TypeOf<typeof Pool> {
  const { strategy, options } = control.strategy ?? settings.matching;
  return {
    pool: settings.name,
    description: settings.description,
    mode: control.mode,
    strategy: {
      name: strategy === '' ? statistics.strategy : strategy,
      options,
      by_operator: control.strategy !== null,
    },
    suspended: statistics.suspended,
    waiting: figures.waiting,
    oldest_at: isoOrNull(figures.oldestAt),
    group: {
      minimum: settings.minGroupSize,
      maximum: settings.maxGroupSize,
      multiple: settings.groupSizeMultiple,
    },
  };
}

export const DecisionAnswer = named(
  'Decision',
  object({
    at: time(),
    pool: text(),
    strategy: text(),
    fallback: flag('Whether the strategy stood in for one that is suspended.'),
    trigger: text('Why it was asked.'),
    ticket_id: text('About whom it was asked.'),
    waiting: whole('How many waited.'),
    proposed: whole('Groups it proposed.'),
    refused: byName(whole()),
    failure: nullable(text('What went wrong with the strategy.')),
    chosen: nullable(list(text('Tickets of the group that was found.'))),
    score: nullable(number()),
    reasons: list(text('Codes of the reasons.')),
    micros: number('How long it took, in microseconds.'),
  }),
);

export function decision({ at, ticketId, refused, ...rest }: Decision): TypeOf<typeof DecisionAnswer> {
  const { pool, strategy, fallback, trigger, waiting, proposed, failure, chosen, score, reasons, micros } = rest;
  const told = { pool, strategy, fallback, trigger, waiting, proposed, failure, chosen, score, reasons, micros };
  return { at: iso(at), ticket_id: ticketId, refused, ...told };
}

export const PoolDetail = named(
  'PoolDetail',
  object({
    ...summary,
    statistics: object({
      runs: whole('Runs of the strategy at this instance since its start.'),
      proposals: whole(),
      refusals: byName(whole()),
      failures: byName(whole()),
      suspensions: whole(),
      mean_micros: nullable(number('How long a run takes, in microseconds.')),
    }),
    decisions: list(DecisionAnswer),
  }),
);

export function poolDetail(state: PoolState, decisions: readonly Decision[]): TypeOf<typeof PoolDetail> {
  const { runs, proposals, refusals, failures, suspensions, duration } = state.statistics;
  const mean_micros = duration.count === 0 ? null : duration.sum / duration.count;
  return {
    ...pool(state),
    statistics: { runs, proposals, refusals, failures, suspensions, mean_micros },
    decisions: decisions.map(decision),
  };
}
