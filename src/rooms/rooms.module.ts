import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { RoomsService } from './rooms.service.js';

@Module({ imports: [NotificationsModule], providers: [RoomsService], exports: [RoomsService] })
export class RoomsModule {}
