import { Module } from '@nestjs/common';
import { MessageQueueService } from './message-queue.service.js';

/** Tells the message queue what happens, if one is configured. */
@Module({ providers: [MessageQueueService], exports: [MessageQueueService] })
export class MessageQueueModule {}
