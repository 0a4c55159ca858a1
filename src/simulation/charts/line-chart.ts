import { scaleLinear, scaleLog } from 'd3-scale';
import { curveLinear, curveStepAfter, line as path } from 'd3-shape';
import {
  apart,
  type Area,
  bottomAxis,
  colourOf,
  figure,
  type Heading,
  leftAxis,
  type Position,
  type Tick,
  WIDTH,
  widthOf,
} from './figure.js';
import { element, text } from './svg.js';

const HEIGHT = 420;
/** So that a line can be told from another that it lies upon. */
const DASHES = [undefined, '9 5'];
/** Between two labels, one below the other, in pixels. */
const LABEL_GAP = 16;

export interface Axis {
  /** What is measured, with its unit. */
  readonly name: string;
  readonly scale?: 'linear' | 'log';
  readonly domain: readonly [number, number];
  /** Where it has none of its own, some round values. */
  readonly ticks?: readonly Tick[];
  readonly format?: (value: number) => string;
}

export interface Series {
  readonly name: string;
  /** From left to right. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart extends Heading {
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Values hold until the next one, instead of changing evenly. */
  readonly steps?: boolean;
  /** Marks each point. */
  readonly dots?: boolean;
  /** A value of y worth comparing with. */
  readonly limit?: Tick;
}

/** Lines, each named where it ends. Values outside the axes are drawn at their edge. */
export function lineChart({ x, y, series, steps = false, dots = false, limit, ...heading }: LineChart): string {
  const names = series.map(({ name }) => name);
  const area: Area = { left: 78, right: WIDTH - widthOf(names) - 40, top: 72, bottom: HEIGHT - 58 };
  const [atX, ticksX] = scaleOf(x, [area.left, area.right], 8);
  const [atY, ticksY] = scaleOf(y, [area.bottom, area.top], 5);
  const drawn = path<readonly [number, number]>(
    (point) => atX(point[0]),
    (point) => atY(point[1]),
  )
    .curve(steps ? curveStepAfter : curveLinear)
    .digits(1);
  const ends = series.map(({ points }) => atY(points.at(-1)?.[1] ?? 0));
  const labels = apart(ends, LABEL_GAP, area.bottom);

  return figure(heading, HEIGHT, [
    ...bottomAxis(area, ticksX, atX, x.name),
    ...leftAxis(area, ticksY, atY, y.name),
    ...(limit ? limitLine(area, atY(limit.value), limit.label) : []),
    ...series.flatMap(({ name, points }, index) => {
      const colour = colourOf(index);
      const endX = atX(points.at(-1)?.[0] ?? x.domain[1]);
      const labelX = area.right + 14;
      return [
        element('path', {
          d: drawn(points) ?? '',
          fill: 'none',
          stroke: colour,
          'stroke-width': 2.2,
          'stroke-dasharray': DASHES[index % DASHES.length],
          'stroke-linejoin': 'round',
        }),
        ...(dots
          ? points.map((point) => dot(atX(point[0]), atY(point[1]), colour))
          : [dot(endX, ends[index]!, colour)]),
        element('path', {
          d: `M${Math.round(endX + 4)},${Math.round(ends[index]!)}L${labelX - 2},${Math.round(labels[index]!)}`,
          stroke: colour,
          'stroke-width': 1,
          opacity: 0.6,
          fill: 'none',
        }),
        text(labelX, labels[index]! + 4, name, { class: 'label strong', style: `fill: ${colour}` }),
      ];
    }),
  ]);
}

const dot = (cx: number, cy: number, fill: string) => element('circle', { cx, cy, r: 3.4, fill });

const limitLine = (area: Area, y: number, label: string) => [
  element('path', { d: `M${area.left},${Math.round(y)}H${area.right}`, class: 'axis', 'stroke-dasharray': '5 4' }),
  text(area.left + 8, y - 6, label),
];

function scaleOf({ scale, domain, ticks, format }: Axis, range: readonly [number, number], count: number) {
  const made = (scale === 'log' ? scaleLog(domain, range) : scaleLinear(domain, range)).clamp(true);
  const written = format ?? made.tickFormat(count);
  const own = made.ticks(count).map((value) => ({ value, label: written(value) }));
  const at: Position = (value) => made(value);
  return [at, ticks ?? own.filter(({ label }) => label !== '')] as const;
}
