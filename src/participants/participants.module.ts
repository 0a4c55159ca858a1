import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { ParticipantsService } from './participants.service.js';

@Module({ imports: [NotificationsModule], providers: [ParticipantsService], exports: [ParticipantsService] })
export class ParticipantsModule {}
