import { Module } from '@nestjs/common';
import { InstancesModule } from '../instances/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { HealthController } from './health.controller.js';

@Module({ imports: [InstancesModule, NotificationsModule], controllers: [HealthController] })
export class HealthModule {}
