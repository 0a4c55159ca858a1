import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';

/** Pixels around what is drawn. */
export const MARGIN = { top: 10, right: 14, bottom: 24, left: 52 } as const;
export const HEIGHT = 168;

/** Spaces between the marks of a time axis, in minutes. */
const STEPS = [1, 2, 5, 10, 15, 20, 30];
const MINUTE_MS = 60_000;
/** Least room for a time on its axis, in pixels. */
const TIME_WIDTH = 72;

export interface Plane {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  /** Where the axes have marks. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/**
 * Where times and values are drawn.
 *
 * @param width pixels
 * @param domain milliseconds since the epoch
 * @param whole whether values are whole numbers
 */
export function planeOf(width: number, domain: readonly [number, number], highest: number, whole: boolean): Plane {
  const right = Math.max(MARGIN.left + 1, width - MARGIN.right);
  const x = scaleLinear(domain, [MARGIN.left, right]);
  const y = scaleLinear([0, highest], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(3);
  const values = y.ticks(3).filter((value) => !whole || Number.isInteger(value));
  return { x, y, times: timesIn(domain, Math.max(1, Math.floor((right - MARGIN.left) / TIME_WIDTH))), values };
}

/** Round times of day, at most so many. */
function timesIn([from, to]: readonly [number, number], most: number): number[] {
  const minutes = STEPS.find((step) => (to - from) / (step * MINUTE_MS) <= most) ?? STEPS.at(-1)!;
  const step = minutes * MINUTE_MS;
  const offset = new Date(to).getTimezoneOffset() * MINUTE_MS;
  const times: number[] = [];
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) times.push(at);
  return times;
}

type Point = readonly [x: number, y: number] | null;

/**
 * Values as a line and as the area below it, interrupted where nothing is known or for `gapMs` nobody said anything; and
 * the points that no line leads to.
 */
export function pathsOf(at: readonly number[], values: readonly (number | null)[], gapMs: number, { x, y }: Plane) {
  const points: Point[] = [];
  for (const [i, time] of at.entries()) {
    if (i > 0 && time - at[i - 1]! > gapMs) points.push(null);
    const value = values[i] ?? null;
    points.push(value === null ? null : [x(time), y(value)]);
  }
  const isKnown = (point: Point) => point !== null;
  const alone = points.filter((point, i) => point !== null && !points[i - 1] && !points[i + 1]) as [number, number][];
  const [atX, atY] = [(point: Point) => point![0], (point: Point) => point![1]];
  return {
    alone,
    line: line<Point>(atX, atY).defined(isKnown).curve(curveMonotoneX).digits(1)(points) ?? '',
    area: area<Point>(atX, y(0), atY).defined(isKnown).curve(curveMonotoneX).digits(1)(points) ?? '',
  };
}
