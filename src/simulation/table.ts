import type { Summary } from './report.js';
import { clock, percent } from './units.js';

const HEAD = ['strategy', 'matched', 'unmatched', 'wait p50', 'p90', 'p99', 'max', 'quality', 'fairness', 'run'];

/** The summaries as a table of text, a row for each strategy. */
export function summaryTable(summaries: readonly Summary[]): string {
  const rows = summaries.map(({ strategy, matchedShare, wait, quality, fairness, tookMs }) => [
    strategy,
    percent(matchedShare),
    percent(1 - matchedShare),
    ...[wait?.p50, wait?.p90, wait?.p99, wait?.max].map((value) => (value === undefined ? '-' : clock(value))),
    quality?.toFixed(3) ?? '-',
    fairness.ratio?.toFixed(2) ?? '-',
    `${(tookMs / 1000).toFixed(1)} s`,
  ]);
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...rows].map((row) => row[column]!.length)));
  const written = [HEAD, ...rows].map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  written.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return written.join('\n');
}
