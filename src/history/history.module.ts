import { Module } from '@nestjs/common';
import { HistoryService } from './history.service.js';

/** Keeps what happens for longer than the state does, if a history is configured. */
@Module({ providers: [HistoryService], exports: [HistoryService] })
export class HistoryModule {}
