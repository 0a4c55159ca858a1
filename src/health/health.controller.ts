import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { NotificationsService } from '../notifications/index.js';

/** Probes for an orchestrator: alive as long as the process answers, ready until it goes down. */
@Controller('health')
export class HealthController {
  constructor(private readonly notifications: NotificationsService) {}

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  ready() {
    if (this.notifications.draining) throw new ServiceUnavailableException({ status: 'draining' });
    return { status: 'ok' };
  }
}
