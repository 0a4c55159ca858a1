export { MessageQueueModule } from './message-queue.module.js';
export { MessageQueueService } from './message-queue.service.js';
