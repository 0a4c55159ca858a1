export type { Decision } from '../matching/index.js';
export { DrainService } from './drain.service.js';
export { instanceNotFound } from './not-found.js';
export { OperationsModule } from './operations.module.js';
export { OperationsService } from './operations.service.js';
export { type InstanceState, type Lag, type Lags, OversightService, type PoolState } from './oversight.service.js';
