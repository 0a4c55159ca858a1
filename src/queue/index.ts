export type { PoolChange } from './controlled-pools.js';
export { QueueModule } from './queue.module.js';
export {
  type Answered,
  type Arrival,
  type Entered,
  type ExplainedPlace,
  type Party,
  type Place,
  QueueService,
  type Wish,
} from './queue.service.js';
