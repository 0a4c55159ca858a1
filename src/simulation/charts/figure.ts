import { element, line, text } from './svg.js';

/** Pixels; the picture scales as a whole. */
export const WIDTH = 760;
/** Where the title, the subtitle and the legend are. */
const TITLE_Y = 30;
const SUBTITLE_Y = 50;
const LEGEND_Y = 74;
/** About how wide a character of the texts in a figure is, in pixels. */
const CHARACTER = 6.6;

/** Colours that can be told apart, on white and on black, also by people who see red and green alike. */
const COLOURS = ['#2b7bd6', '#e07b1a', '#159a75', '#b665c4', '#cf4a4a', '#8a7a12', '#1899b4', '#7d8590'];
export const colourOf = (index: number): string => COLOURS[index % COLOURS.length]!;

const STYLE = `
text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #59636e }
.title { font-size: 17px; font-weight: 600; fill: #1f2328 }
.label { fill: #1f2328 }
.strong { font-weight: 600 }
.paper { fill: #ffffff }
.grid { stroke: #d8dee4; stroke-width: 1 }
.axis { stroke: #8c959f; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title, .label { fill: #f0f6fc }
  .paper { fill: #0d1117 }
  .grid { stroke: #262c36 }
  .axis { stroke: #656c76 }
}`;

export interface Heading {
  readonly title: string;
  /** What is to be seen, in a sentence. */
  readonly subtitle: string;
}

/** The part of a figure that shows data, in pixels. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A whole SVG file: paper, title, subtitle, and what is drawn below. */
export function figure({ title, subtitle }: Heading, height: number, drawing: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${height}`,
    width: WIDTH,
    height,
    role: 'img',
    'aria-label': `${title}. ${subtitle}`,
  };
  const parts = [
    element('style', {}, STYLE),
    element('rect', { width: WIDTH, height, rx: 6, class: 'paper' }),
    text(24, TITLE_Y, title, { class: 'title' }),
    text(24, SUBTITLE_Y, subtitle),
    ...drawing,
  ];
  return `${element('svg', attributes, `\n${parts.join('\n')}\n`)}\n`;
}

/** A row of coloured names below the subtitle. */
export function legend(names: readonly string[]): string[] {
  let x = 24;
  return names.flatMap((name, index) => {
    const start = x;
    x += 16 + name.length * CHARACTER + 22;
    return [
      element('circle', { cx: start + 5, cy: LEGEND_Y - 4, r: 5, fill: colourOf(index) }),
      text(start + 16, LEGEND_Y, name, { class: 'label' }),
    ];
  });
}

/** A value on an axis and what is written there. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Where a value is, in pixels. */
export type Position = (value: number) => number;

/** Ticks, grid lines and the name of the axis along the bottom. */
export function bottomAxis(area: Area, ticks: readonly Tick[], at: Position, name: string): string[] {
  return [
    ...ticks.flatMap(({ value, label }) => [
      line(at(value), area.top, at(value), area.bottom, 'grid'),
      text(at(value), area.bottom + 18, label, { 'text-anchor': 'middle' }),
    ]),
    line(area.left, area.bottom, area.right, area.bottom, 'axis'),
    text((area.left + area.right) / 2, area.bottom + 40, name, { 'text-anchor': 'middle' }),
  ];
}

/** Ticks, grid lines and the name of the axis on the left. */
export function leftAxis(area: Area, ticks: readonly Tick[], at: Position, name: string): string[] {
  return [
    ...ticks.flatMap(({ value, label }) => [
      line(area.left, at(value), area.right, at(value), 'grid'),
      text(area.left - 8, at(value) + 4, label, { 'text-anchor': 'end' }),
    ]),
    text(0, 0, name, {
      'text-anchor': 'middle',
      transform: `translate(22 ${(area.top + area.bottom) / 2}) rotate(-90)`,
    }),
  ];
}

/** How much room names need, in pixels. */
export const widthOf = (names: readonly string[]): number =>
  Math.ceil(Math.max(0, ...names.map(({ length }) => length)) * CHARACTER);

/** Heights for labels that would like to be at `wanted`: at least `gap` apart, above `bottom`, moved as little as that takes. */
export function apart(wanted: readonly number[], gap: number, bottom: number): number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y || a.index - b.index);
  for (let i = 1; i < order.length; i++) order[i]!.y = Math.max(order[i]!.y, order[i - 1]!.y + gap);
  let limit = bottom;
  for (const label of order.reverse()) {
    label.y = Math.min(label.y, limit);
    limit = label.y - gap;
  }
  const placed: number[] = [];
  for (const { y, index } of order) placed[index] = y;
  return placed;
}
