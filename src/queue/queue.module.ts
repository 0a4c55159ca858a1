import { type DynamicModule, Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { RoomsModule } from '../rooms/index.js';
import { QueueService } from './queue.service.js';

@Module({})
export class QueueModule {
  /** @param matching the module that provides the matching engine */
  static register(matching: DynamicModule): DynamicModule {
    return {
      module: QueueModule,
      imports: [matching, RoomsModule, NotificationsModule],
      providers: [QueueService],
      exports: [QueueService],
    };
  }
}
