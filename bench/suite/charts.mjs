// The figures as pictures.
import { barChart, lineChart } from '../../dist/simulation/charts/index.js';
import { GROWTHS } from './growth.mjs';

const highest = (values) => Math.max(...values) * 1.15;

const whole = (value) => Math.round(value).toLocaleString('en');
const millis = (value) => (value >= 10 ? whole(value) : value.toPrecision(2));

/** What one instance does in a second, and how long a message takes; a file name for each. */
export function barCharts({ eras, reference }) {
  const bars = (figures) =>
    Object.entries(eras).flatMap(([era, of]) =>
      figures.map(([key, name]) => ({ name: `${name} (${era})`, value: of[key] })),
    );
  const chart = (heading, name, format, rows) =>
    barChart({ ...heading, measure: { name, maximum: highest(rows.map(({ value }) => value)), format }, rows });
  return {
    'rates.svg': chart(
      {
        title: 'What one instance does in a second',
        subtitle: `32 pairs who talk, 64 people who are matched. Bare node:http answers ${whole(reference)} requests here.`,
      },
      'per second',
      whole,
      bars([
        ['messages', 'messages, push'],
        ['waits', 'messages, wait'],
        ['matches', 'matches'],
      ]),
    ),
    'latency.svg': chart(
      {
        title: 'How long until the partner has heard it',
        subtitle: 'At half of the rate above, from when a message was due, at random times.',
      },
      'milliseconds',
      millis,
      bars(['p50', 'p90', 'p99'].map((key) => [key, key])),
    ),
  };
}

export function growthCharts(results) {
  return Object.fromEntries(
    GROWTHS.map(({ key, name, values }) => {
      const series = Object.entries(results[key]).map(([era, points]) => ({
        name: era,
        points: points.map(({ value, cpuPer1k }) => [value, cpuPer1k]),
      }));
      const chart = lineChart({
        title: `Processor time of 1,000 messages, by ${name}`,
        subtitle: 'One instance, state in memory, as fast as it goes. Flat is as it should be; higher costs more.',
        x: {
          name,
          domain: [Math.max(values[0], key === 'idle' ? 0 : 1), values.at(-1)],
          scale: key === 'idle' ? 'linear' : 'log',
          ticks: values.map((value) => ({ value, label: value.toLocaleString('en') })),
        },
        y: { name: 'milliseconds', domain: [0, highest(series.flatMap(({ points }) => points.map(([, y]) => y)))] },
        series,
        dots: true,
      });
      return [`growth-${key}.svg`, chart];
    }),
  );
}
