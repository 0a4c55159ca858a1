import { hourAndMinute } from '../parts/times.js';
import type { ChartLine } from './line-chart.js';
import { HEIGHT, MARGIN, pathsOf, type Plane } from './scales.js';
import { shown, type Unit } from './units.js';

export interface PlotProps {
  readonly width: number;
  readonly plane: Plane;
  readonly unit: Unit;
  readonly at: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly gapMs: number;
  /** The moment that is looked at. */
  readonly chosen: number | undefined;
}

/** How many colours there are. */
export const COLOURS = 6;

/** The picture; what it says stands in the legend, the slider and the table. */
export function Plot({ width, plane, unit, at, lines, gapMs, chosen }: PlotProps) {
  const { x, y, times, values } = plane;
  const moment = chosen === undefined ? undefined : at[chosen];
  return (
    <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true" focusable="false">
      {values.map((value) => (
        <g key={value}>
          <line class="grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={y(value)} y2={y(value)} />
          <text class="tick" x={MARGIN.left - 8} y={y(value) + 4} text-anchor="end">
            {shown(value, unit)}
          </text>
        </g>
      ))}
      {times.map((time) => (
        <text key={time} class="tick" x={x(time)} y={HEIGHT - 6} text-anchor="middle">
          {hourAndMinute(time)}
        </text>
      ))}
      {moment !== undefined && (
        <line class="cursor" x1={x(moment)} x2={x(moment)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
      )}
      {lines.map(({ label, values }, i) => {
        const paths = pathsOf(at, values, gapMs, plane);
        const last = values.at(-1) ?? null;
        const value = chosen === undefined ? last : (values[chosen] ?? null);
        const time = moment ?? at.at(-1);
        return (
          <g key={label} data-colour={i % COLOURS}>
            {lines.length === 1 && <path class="area" d={paths.area} />}
            <path class="line" d={paths.line} />
            {paths.alone.map(([cx, cy]) => (
              <circle key={cx} class="dot" cx={cx} cy={cy} r={3} />
            ))}
            {value !== null && time !== undefined && <circle class="dot" cx={x(time)} cy={y(value)} r={3.5} />}
          </g>
        );
      })}
    </svg>
  );
}
