import { useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { clockTime } from '../parts/times.js';
import { ChartTable } from './chart-table.js';
import { COLOURS, Plot } from './plot.js';
import { planeOf } from './scales.js';
import { shown, type Unit } from './units.js';

export interface ChartLine {
  readonly label: string;
  /** One for each moment; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

export interface LineChartProps {
  readonly title: string;
  readonly unit: Unit;
  /** Milliseconds since the epoch, ascending. */
  readonly at: readonly number[];
  readonly lines: readonly ChartLine[];
  /** What of the time is shown, in milliseconds since the epoch. */
  readonly domain: readonly [number, number];
  /** After so many milliseconds without a value a line is interrupted. */
  readonly gapMs: number;
  /** What is said in place of a chart that would be empty. */
  readonly empty: string;
}

/** The least that a whole axis stands for, so that little does not look like much. */
const LEAST: Readonly<Record<Unit, number>> = { count: 4, per_minute: 4, seconds: 0.004 };

/** Lines over time. A moment is chosen with the pointer or, with the slider that lies over it, by the keyboard. */
export function LineChart({ title, unit, at, lines, domain, gapMs, empty }: LineChartProps) {
  const titleId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [chosen, setChosen] = useState<number>();
  const [isTable, setTable] = useState(false);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);

  const [from, to] = domain;
  const part = useMemo(() => partOf(at, lines, from), [at, lines, from]);
  const isEmpty = part.lines.every(({ values }) => values.every((value) => value === null));
  const highest = Math.max(LEAST[unit], ...part.lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const plane = planeOf(width, [from, to], highest, unit === 'count');
  const last = part.at.length - 1;
  const index = Math.min(chosen ?? last, last);

  return (
    <section class="chart" aria-labelledby={titleId}>
      <header class="chart-head">
        <h3 id={titleId}>{title}</h3>
        {chosen !== undefined && <time class="chart-moment numbers">{clockTime(part.at[index]!)}</time>}
        {!isEmpty && (
          <button
            type="button"
            class="link-button"
            aria-pressed={isTable}
            aria-label={`Table of ${title}`}
            onClick={() => setTable(!isTable)}
          >
            Table
          </button>
        )}
      </header>
      <ul class="legend">
        {part.lines.map(({ label, values }, i) => (
          <li key={label} data-colour={i % COLOURS}>
            <span>{label}</span> <b class="numbers">{shown(values[index] ?? null, unit)}</b>
          </li>
        ))}
      </ul>
      <div
        ref={frame}
        class="chart-frame"
        hidden={isTable}
        onPointerMove={({ clientX, currentTarget }) =>
          !isEmpty && setChosen(nearest(part.at, plane.x.invert(clientX - currentTarget.getBoundingClientRect().left)))
        }
        onPointerLeave={() => setChosen(undefined)}
      >
        {width > 0 && (
          <Plot
            {...part}
            width={width}
            plane={plane}
            unit={unit}
            gapMs={gapMs}
            chosen={chosen === undefined ? undefined : index}
          />
        )}
        {isEmpty ? (
          <p class="chart-empty">{empty}</p>
        ) : (
          <input
            class="chart-slider"
            type="range"
            max={last}
            value={index}
            aria-label={`Moment in ${title}`}
            aria-valuetext={inWords(part.at[index]!, part.lines, index, unit)}
            onInput={({ currentTarget }) => setChosen(Number(currentTarget.value))}
            onBlur={() => setChosen(undefined)}
          />
        )}
      </div>
      {isTable && <ChartTable {...part} title={title} unit={unit} />}
    </section>
  );
}

/** What lies after a moment. */
function partOf(at: readonly number[], lines: readonly ChartLine[], from: number) {
  const found = at.findIndex((time) => time >= from);
  const first = found < 0 ? at.length : found;
  return { at: at.slice(first), lines: lines.map(({ label, values }) => ({ label, values: values.slice(first) })) };
}

function nearest(at: readonly number[], time: number): number {
  const next = at.findIndex((each) => each >= time);
  if (next <= 0) return next === 0 ? 0 : at.length - 1;
  return time - at[next - 1]! < at[next]! - time ? next - 1 : next;
}

const inWords = (at: number, lines: readonly ChartLine[], index: number, unit: Unit) =>
  `${clockTime(at)}: ${lines.map(({ label, values }) => `${label} ${shown(values[index] ?? null, unit)}`).join(', ')}`;
