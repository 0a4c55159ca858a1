import type { ComponentChildren } from 'preact';

export interface Column<T> {
  /** Empty for a column of buttons. */
  readonly name: string;
  readonly show: (row: T) => ComponentChildren;
  readonly isNumber?: boolean;
}

export interface DataTableProps<T> {
  /** What the rows are, for those who cannot see it. */
  readonly label: string;
  /** The first one names the row. */
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

/** Rows of facts; on a narrow screen each row is a card. */
export function DataTable<T>({ label, columns, rows, keyOf }: DataTableProps<T>) {
  return (
    <table class="data" aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ name, isNumber }) => (
            <th key={name} scope="col" class={isNumber === true ? 'number' : undefined}>
              {name === '' ? <span class="sr-only">Actions</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map(({ name, show, isNumber }, i) => {
              const Cell = i === 0 ? 'th' : 'td';
              return (
                <Cell
                  key={name}
                  scope={i === 0 ? 'row' : undefined}
                  data-name={name}
                  class={name === '' ? 'actions' : isNumber === true ? 'number' : undefined}
                >
                  <div>{show(row)}</div>
                </Cell>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
