import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { AuthModule, WELL_KNOWN } from '../auth/index.js';
import { ConfigurationError, MCP_PATH, ParleyConfig, tenantPath } from '../config/index.js';
import { type Family, figuresOfMany, metricOf, mountMetrics } from '../metrics/index.js';
import { Clock } from '../ports/clock.js';
import { FrontDoor } from './front-door.js';
import { FrontHealthController } from './front-health.controller.js';
import { TenantsOptions, TenantsService } from './tenants.service.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export interface FrontOptions extends TenantsOptions {
  /** Of the front: whom it lets in, and where it listens. */
  readonly config: ParleyConfig;
  readonly clock: Clock;
  /** Says whom tokens stand for, in place of what is configured. */
  readonly identity?: Parameters<typeof AuthModule.register>[0];
}

/** What every module of the front needs. */
@Module({})
class FrontCore {
  static register({ config, clock }: FrontOptions): DynamicModule {
    const providers = [
      { provide: ParleyConfig, useValue: config },
      { provide: Clock, useValue: clock },
    ];
    return { module: FrontCore, global: true, providers, exports: [ParleyConfig, Clock] };
  }
}

/** The one server in front of all tenants: finds whom a request is for, and tells of them all together. */
@Module({})
export class TenantsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly tenants: TenantsService,
    private readonly door: FrontDoor,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  /** @throws ConfigurationError when there are no tokens to tell tenants by */
  static register(options: FrontOptions): DynamicModule {
    const { config, identity } = options;
    if (config.tenancy?.from === 'claim' && config.auth.mode === 'none' && !identity) {
      throw new ConfigurationError(
        'TENANT_FROM must be path when AUTH_MODE is none: nobody shows a token with a claim',
      );
    }
    return {
      module: TenantsModule,
      imports: [FrontCore.register(options), AuthModule.register(identity)],
      controllers: [FrontHealthController],
      providers: [{ provide: TenantsOptions, useValue: options }, TenantsService, FrontDoor],
      exports: [TenantsService],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { httpAdapter } = this.adapterHost;
    await this.tenants.start(httpAdapter.getHttpServer() as Server);
    this.#mount(httpAdapter.getInstance<FastifyInstance>());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.tenants.close();
  }

  #mount(fastify: FastifyInstance): void {
    const { tenancy, metrics } = this.config;
    take(fastify, tenantPath('*'), (request, response) => this.door.byPath(request, response));
    if (tenancy?.from === 'claim') {
      take(fastify, MCP_PATH, (request, response) => {
        void this.door.byClaim(request, response);
        return true;
      });
    } else {
      take(fastify, WELL_KNOWN + tenantPath(':tenant') + MCP_PATH, (request, response) =>
        this.door.metadata(request, response),
      );
    }
    if (metrics) mountMetrics(fastify, metrics.token, () => this.#figures());
  }

  #figures(): Promise<string> {
    const registries = new Map<string, Registry>();
    for (const { name, figures } of this.tenants.all) if (figures) registries.set(name, figures);
    const refused: Family = {
      name: 'parley_tenant_requests_refused_total',
      help: 'Requests refused because their tenant has had as many as it may (requests_per_second).',
      type: 'counter',
      read: () => Array.from(this.tenants.all, ({ name, refused: value }) => ({ labels: { tenant: name }, value })),
    };
    return figuresOfMany('tenant', registries, [metricOf(refused)]);
  }
}

/** Gives requests away before Fastify looks at their bodies; what nobody takes is not found. */
function take(
  fastify: FastifyInstance,
  url: string,
  give: (request: IncomingMessage, response: ServerResponse) => boolean,
): void {
  fastify.route({
    method: METHODS,
    url,
    exposeHeadRoute: false,
    onRequest: (request, reply) => {
      if (!give(request.raw, reply.raw)) return reply.callNotFound();
      reply.hijack();
    },
    handler: () => undefined,
  });
}
