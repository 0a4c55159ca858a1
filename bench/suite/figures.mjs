// The figures of a run, what they are called, and how they stand against another run's.

/** `better` says which way is up. A figure that counts per second, or milliseconds of work, depends on the machine. */
const FIGURES = [
  { key: 'messages', name: 'messages, push', unit: '/s', better: 'more', machine: true },
  { key: 'messagesCpu', name: 'processor per 1,000 messages', unit: 'ms', better: 'less', machine: true },
  { key: 'waits', name: 'messages, wait_for_message', unit: '/s', better: 'more', machine: true },
  { key: 'matches', name: 'matches', unit: '/s', better: 'more', machine: true },
  { key: 'p50', name: 'delivery, p50', unit: 'ms', better: 'less', machine: true },
  { key: 'p90', name: 'delivery, p90', unit: 'ms', better: 'less', machine: true },
  { key: 'p99', name: 'delivery, p99', unit: 'ms', better: 'less', machine: true },
  { key: 'memory', name: 'memory per idle participant', unit: 'KiB', better: 'less', machine: false },
];

/** A row for each figure and era: what it is, and how many times the baseline's it is, allowing for the machine's speed. */
export function rows(results, baseline) {
  const eras = Object.keys(results.eras);
  const speed = baseline ? results.reference / baseline.reference : 1;
  return FIGURES.flatMap(({ key, name, unit, better, machine }) =>
    eras.map((era) => {
      const value = results.eras[era][key];
      const before = baseline?.eras[era]?.[key];
      const scaled =
        before === undefined ? undefined : machine ? (better === 'more' ? before * speed : before / speed) : before;
      return {
        name: `${name} (${era})`,
        value,
        unit,
        better,
        ratio: scaled === undefined ? undefined : value / scaled,
      };
    }),
  );
}

export function table(results, baseline) {
  const head = baseline ? ['', 'value', 'unit', 'of the baseline'] : ['', 'value', 'unit'];
  const lines = rows(results, baseline).map(({ name, value, unit, better, ratio }) => [
    name,
    shown(value),
    unit,
    ...(ratio === undefined ? [] : [`${ratio.toFixed(2)} ${verdict(ratio, better)}`]),
  ]);
  lines.push(['reference: bare node:http', shown(results.reference), '/s']);
  lines.push(['start to first answer', shown(results.startMs), 'ms']);
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => (line[column] ?? '').length)));
  return all
    .map((line) =>
      line
        .map((cell, column) => (column === 1 ? cell.padStart(widths[1]) : cell.padEnd(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const shown = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));

/** Half is noise on a busy machine as often as not: a tenth is where it is worth a look. */
function verdict(ratio, better) {
  const gain = better === 'more' ? ratio : 1 / ratio;
  return gain > 1.1 ? 'better' : gain < 0.9 ? 'worse' : 'same';
}
