export type { FigureName } from './figure-names.js';
export type { FigureSeries, FigureTable } from './figure-table.js';
export { FiguresModule } from './figures.module.js';
export { FiguresService } from './figures.service.js';
