import { clockTime } from '../parts/times.js';
import type { ChartLine } from './line-chart.js';
import { shown, type Unit } from './units.js';

export interface ChartTableProps {
  readonly title: string;
  readonly unit: Unit;
  readonly at: readonly number[];
  readonly lines: readonly ChartLine[];
}

/** What a chart shows, in numbers, newest first. */
export function ChartTable({ title, unit, at, lines }: ChartTableProps) {
  const rows = at.map((_, i) => at.length - 1 - i);
  return (
    <div class="chart-table" tabIndex={0} role="region" aria-label={`Numbers of ${title}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ label }) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={at[row]}>
              <th scope="row" class="numbers">
                {clockTime(at[row]!)}
              </th>
              {lines.map(({ label, values }) => (
                <td key={label} class="number">
                  {shown(values[row] ?? null, unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
