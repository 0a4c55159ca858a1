import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { barChart, dotChart, lineChart, spreadChart } from '../../../src/simulation/charts/index.js';
import { apart } from '../../../src/simulation/charts/figure.js';
import { escape } from '../../../src/simulation/charts/svg.js';
import { summarise } from '../../../src/simulation/report.js';
import { simulationCharts } from '../../../src/simulation/simulation-charts.js';

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, content]) => content);
const heading = { title: 'Title', subtitle: 'What is to be seen.' };
const measure = { name: 'unit', maximum: 1, format: String };

describe('a chart', () => {
  it('has a title, axes with units and a label for every line', () => {
    const svg = lineChart({
      ...heading,
      x: { name: 'seconds', domain: [0, 10] },
      y: { name: 'people', domain: [0, 4] },
      series: [
        {
          name: 'one',
          points: [
            [0, 0],
            [10, 4],
          ],
        },
        {
          name: 'two',
          points: [
            [0, 1],
            [10, 4],
          ],
        },
      ],
    });
    expect(texts(svg)).toEqual(expect.arrayContaining(['Title', 'seconds', 'people', '0', '10', '4', 'one', 'two']));
    expect(svg).toContain('aria-label="Title. What is to be seen."');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws nothing that is not a number, even when there is nothing to draw', () => {
    const empty = { x: { name: 'x', domain: [0, 1] }, y: { name: 'y', domain: [0, 1] } } as const;
    for (const svg of [
      lineChart({ ...heading, ...empty, series: [] }),
      lineChart({ ...heading, ...empty, series: [{ name: 'one', points: [] }] }),
      barChart({ ...heading, measure, rows: [] }),
      spreadChart({ ...heading, measure, rows: [] }),
      dotChart({ ...heading, measure, series: ['one'], rows: [{ name: 'row', values: [undefined] }] }),
    ]) {
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('keeps values outside its axes at their edge', () => {
    const draw = (y: number) =>
      lineChart({
        ...heading,
        x: { name: 'x', scale: 'log', domain: [1, 10] },
        y: { name: 'y', scale: 'log', domain: [1, 10] },
        series: [
          {
            name: 'one',
            points: [
              [1, 1],
              [10, y],
            ],
          },
        ],
      });
    expect(draw(1e9)).toBe(draw(10));
  });

  it('writes the value of each bar next to it', () => {
    const rows = [
      { name: 'one', value: 0.25 },
      { name: 'two', value: 1 },
    ];
    expect(texts(barChart({ ...heading, measure, rows }))).toEqual(expect.arrayContaining(['one', '0.25', 'two', '1']));
  });

  it('lets no name break out of its text', () => {
    const name = '</text><script>"&\u0000';
    const svg = barChart({ ...heading, measure, rows: [{ name, value: 1 }] });
    expect(svg).not.toContain('<script>');
    expect(escape(name)).toBe('&lt;/text&gt;&lt;script&gt;&quot;&amp;');
  });

  it('puts labels next to each other without overlap, and none below the edge', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 12 }), (wanted) => {
        const placed = apart(wanted, 16, 300).toSorted((a, b) => a - b);
        expect(placed.every((y, i) => y <= 300 && (i === 0 || y - placed[i - 1]! >= 16 - 1e-9))).toBe(true);
      }),
    );
    expect(apart([10, 100, 200], 16, 300)).toEqual([10, 100, 200]);
  });
});

describe('the charts of a simulation', () => {
  it('are drawn for a trace in which nobody is matched', () => {
    const run = { strategy: 'none', visits: [], rooms: 0, failures: 0, tookMs: 1 };
    const charts = simulationCharts([{ run, summary: summarise(run) }], 'languages');
    expect([...charts.keys()]).toEqual(['wait.svg', 'quality.svg', 'unmatched.svg', 'fairness.svg', 'waiting.svg']);
    for (const svg of charts.values()) expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});
