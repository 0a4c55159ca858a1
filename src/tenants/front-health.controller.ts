import { Controller, Get } from '@nestjs/common';
import { TenantsService } from './tenants.service.js';

/** Probes for an orchestrator: ready until it goes down, as long as every tenant has its state. */
@Controller('health')
export class FrontHealthController {
  constructor(private readonly tenants: TenantsService) {}

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  ready() {
    this.tenants.requireReady();
    return { status: 'ok' };
  }
}
