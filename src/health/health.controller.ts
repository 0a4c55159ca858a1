import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import { InstancesService } from '../instances/index.js';
import { NotificationsService } from '../notifications/index.js';
import { StateStore } from '../ports/state-store.js';

/** Probes for an orchestrator: alive as long as the process answers, ready until it goes down, as long as it has its state. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly instances: InstancesService,
    private readonly notifications: NotificationsService,
    @Inject(StateStore) private readonly state: StateStore,
  ) {}

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  ready() {
    if (this.instances.draining || this.notifications.draining)
      throw new ServiceUnavailableException({ status: 'draining' });
    if (this.state.sharing?.reachable === false) throw new ServiceUnavailableException({ status: 'state_unreachable' });
    return { status: 'ok' };
  }
}
