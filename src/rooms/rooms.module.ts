import { Module } from '@nestjs/common';
import { ModerationModule } from '../moderation/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { RoomsService } from './rooms.service.js';

@Module({ imports: [ModerationModule, NotificationsModule], providers: [RoomsService], exports: [RoomsService] })
export class RoomsModule {}
