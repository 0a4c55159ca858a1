import type { FigureTable } from '../../figures/index.js';
import { list, named, nullable, number, object, oneOf, text, type TypeOf, whole } from '../schema.js';

export const FigureAnswer = named(
  'Figures',
  object({
    interval_ms: whole('What a value stands for, in milliseconds.'),
    at: list(whole('When the interval ended, in milliseconds since the epoch, ascending.')),
    series: list(
      object({
        name: text(),
        of: nullable(text('Of which pool, kind or outcome; null: of all.')),
        unit: oneOf(['count', 'per_minute', 'seconds']),
        values: list(nullable(number('One for each entry of `at`; null where nothing is known.'))),
      }),
    ),
  }),
);

export const figures = ({ intervalMs, at, series }: FigureTable): TypeOf<typeof FigureAnswer> => ({
  interval_ms: intervalMs,
  at,
  series: series.map(({ name, of, unit, values }) => ({ name, of, unit, values })),
});
