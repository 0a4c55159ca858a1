import { columnsOf, truncate } from '../chat/terminal/columns.js';
import { oneLine } from '../chat/printable.js';

/** Widest cell, in columns of a terminal; the last of a row may be as wide as it is. */
const CELL_MAX = 48;

export type Cell = string | number | boolean | null | undefined;

/** Rows under their headings. What participants wrote is made harmless. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[], empty: string): string {
  if (rows.length === 0) return empty;
  const cells = [headings, ...rows].map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? words(cell) : truncate(words(cell), CELL_MAX))),
  );
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => columnsOf(row[column]!))));
  const padded = (cell: string, column: number) => cell + ' '.repeat(widths[column]! - columnsOf(cell));
  return cells.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}

/** Facts under each other, each with its name. */
export function sheet(facts: Readonly<Record<string, Cell>>): string {
  const wide = Math.max(...Object.keys(facts).map((name) => name.length));
  return Object.entries(facts)
    .map(([name, value]) => `${name.padEnd(wide)}  ${words(value)}`)
    .join('\n');
}

const words = (cell: Cell): string =>
  cell === null || cell === undefined || cell === '' ? '-' : oneLine(String(cell));
