import { type DynamicModule, Module } from '@nestjs/common';
import { InstancesModule } from '../instances/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { FiguresService } from './figures.service.js';
import { Sampler } from './sampler.js';

/** What happened lately, for charts. */
@Module({})
export class FiguresModule {
  /** @param auth, matching, transport, metrics the modules that provide verifier, engine, endpoint and what is counted */
  static register(
    auth: DynamicModule,
    matching: DynamicModule,
    transport: DynamicModule,
    metrics: DynamicModule,
  ): DynamicModule {
    return {
      module: FiguresModule,
      imports: [auth, matching, transport, metrics, InstancesModule, NotificationsModule],
      providers: [Sampler, FiguresService],
      exports: [FiguresService],
    };
  }
}
