import { scaleLinear } from 'd3-scale';
import {
  type Area,
  bottomAxis,
  colourOf,
  figure,
  type Heading,
  legend,
  type Position,
  WIDTH,
  widthOf,
} from './figure.js';
import { element, line, text } from './svg.js';

/** What rows are measured along. */
export interface Measure {
  /** With its unit. */
  readonly name: string;
  readonly maximum: number;
  readonly format: (value: number) => string;
}

interface Rows extends Heading {
  readonly measure: Measure;
}

/** A bar for each row, with its value at the end. */
export function barChart(chart: Rows & { readonly rows: readonly { name: string; value: number }[] }): string {
  return rowChart(chart, 34, 0, ({ value }, y, at, index) => [
    element('rect', {
      x: at(0),
      y: y - 10,
      width: Math.max(1, at(value) - at(0)),
      height: 20,
      rx: 2,
      fill: colourOf(index),
    }),
    text(at(value) + 8, y + 4, chart.measure.format(value), { class: 'label strong' }),
  ]);
}

/** How the values of a row are spread: lines from a tenth to nine tenths of them, thicker where the middle half is. */
export interface Spread {
  readonly name: string;
  readonly p10: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly mean: number;
}

export function spreadChart(chart: Rows & { readonly rows: readonly Spread[] }): string {
  return rowChart(chart, 46, 0, ({ p10, p25, p50, p75, p90, mean }, y, at, index) => {
    const fill = colourOf(index);
    const bar = (from: number, to: number, height: number, opacity: number) =>
      element('rect', { x: at(from), y: y - height / 2, width: at(to) - at(from), height, rx: 2, fill, opacity });
    return [
      bar(p10, p90, 4, 0.55),
      bar(p25, p75, 14, 0.55),
      element('rect', { x: at(p50) - 1.5, y: y - 9, width: 3, height: 18, fill }),
      element('circle', { cx: at(mean), cy: y, r: 5, fill, class: 'mean', stroke: '#ffffff', 'stroke-width': 1.5 }),
      text(at(mean), y - 14, chart.measure.format(mean), { class: 'label strong', 'text-anchor': 'middle' }),
    ];
  });
}

/** A dot for each series in each row, one below the other so that none hides another. */
export function dotChart(
  chart: Rows & {
    readonly series: readonly string[];
    readonly rows: readonly { readonly name: string; readonly values: readonly (number | undefined)[] }[];
  },
): string {
  return rowChart(
    chart,
    20 + 5 * chart.series.length,
    24,
    ({ values }, y, at, _row, area) => [
      line(area.left, y, area.right, y, 'grid'),
      ...values.flatMap((value, index) => {
        const cy = y + (index - (values.length - 1) / 2) * 5;
        return value === undefined ? [] : [element('circle', { cx: at(value), cy, r: 4.5, fill: colourOf(index) })];
      }),
    ],
    legend(chart.series),
  );
}

function rowChart<Row extends { readonly name: string }>(
  { measure, rows, title, subtitle }: Rows & { readonly rows: readonly Row[] },
  rowHeight: number,
  legendHeight: number,
  draw: (row: Row, y: number, at: Position, index: number, area: Area) => readonly string[],
  above: readonly string[] = [],
): string {
  const top = 70 + legendHeight;
  const left = 24 + widthOf(rows.map(({ name }) => name)) + 14;
  const area: Area = { left, right: WIDTH - 64, top, bottom: top + rows.length * rowHeight };
  const scale = scaleLinear([0, measure.maximum], [area.left, area.right]).nice(6).clamp(true);
  const ticks = scale.ticks(6).map((value) => ({ value, label: measure.format(value) }));
  return figure({ title, subtitle }, area.bottom + 58, [
    ...above,
    ...bottomAxis(area, ticks, scale, measure.name),
    ...rows.flatMap((row, index) => {
      const y = area.top + (index + 0.5) * rowHeight;
      return [
        text(area.left - 12, y + 4, row.name, { class: 'label', 'text-anchor': 'end' }),
        ...draw(row, y, scale, index, area),
      ];
    }),
  ]);
}
