import type { Overview } from '../api/answers.js';
import { Sparkline } from '../chart/sparkline.js';
import { number } from '../chart/units.js';
import { type History, lineOf, summed } from '../live/figure-store.js';

export interface TilesProps {
  readonly now: Overview;
  readonly history: History;
  readonly minutes: number;
}

/** Kinds of errors that somebody should look into; what a rule refuses is as it should be. */
const ALARMING = ['failed', 'unavailable', 'webhook'];

/** The figures that one looks at first. */
export function Tiles({ now, history, minutes }: TilesProps) {
  const { totals, pools } = now;
  const errors = summed(history, 'errors', ALARMING);
  const tiles: readonly (readonly [
    name: string,
    value: number | null,
    line: readonly (number | null)[],
    alarming?: boolean,
  ])[] = [
    ['Waiting', pools.reduce((sum, { waiting }) => sum + waiting, 0), summed(history, 'waiting')],
    ['Active rooms', totals.active_rooms, lineOf(history, 'rooms')],
    ['Participants', totals.participants, lineOf(history, 'participants')],
    ['Messages / min', latest(lineOf(history, 'messages')), lineOf(history, 'messages')],
    ['Matches / min', latest(lineOf(history, 'matches')), lineOf(history, 'matches')],
    ['Errors / min', latest(errors), errors, (latest(errors) ?? 0) > 0],
  ];
  const last = Math.round((minutes * 60_000) / history.intervalMs);
  return (
    <dl class="tiles">
      {tiles.map(([name, value, line, alarming = false]) => (
        <div key={name} class="tile" data-alarming={alarming}>
          <dt>{name}</dt>
          <dd class="numbers">{value === null ? '–' : number(value)}</dd>
          <dd class="tile-line">
            <Sparkline values={line.slice(-last)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const latest = (values: readonly (number | null)[]) => values.at(-1) ?? null;
