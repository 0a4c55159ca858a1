export { QueueModule } from './queue.module.js';
export { type Entered, type Place, QueueService } from './queue.service.js';
