import { type DynamicModule, Module } from '@nestjs/common';
import { HistoryModule } from '../history/index.js';
import { InstancesModule } from '../instances/index.js';
import { MessageQueueModule } from '../message-queue/index.js';
import { ModerationModule } from '../moderation/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { DrainService } from './drain.service.js';
import { OperationsService } from './operations.service.js';
import { OversightService } from './oversight.service.js';

/** What operators see and do. */
@Module({})
export class OperationsModule {
  /** @param modules those that provide the matching engine, the queue service and the endpoint */
  static register(...modules: readonly DynamicModule[]): DynamicModule {
    return {
      module: OperationsModule,
      imports: [...modules, HistoryModule, InstancesModule, MessageQueueModule, ModerationModule, NotificationsModule],
      providers: [DrainService, OperationsService, OversightService],
      exports: [DrainService, OperationsService, OversightService],
    };
  }
}
