export type { FigureName } from './figure-names.js';
export type { FigureSeries, FigureTable } from './figure-table.js';
