export { HistoryModule } from './history.module.js';
export { type HistoryLag, HistoryService } from './history.service.js';
