import { Module } from '@nestjs/common';
import { ModerationModule } from '../moderation/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { ParticipantsService } from './participants.service.js';

@Module({
  imports: [ModerationModule, NotificationsModule],
  providers: [ParticipantsService],
  exports: [ParticipantsService],
})
export class ParticipantsModule {}
