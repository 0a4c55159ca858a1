import { randomUUID } from 'node:crypto';
import { type DynamicModule, Inject, Logger, Module, type OnApplicationBootstrap, type Type } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ParleyConfig } from '../config/index.js';
import { InstancesModule } from '../instances/index.js';
import { type Actor, ModerationModule } from '../moderation/index.js';
import { AdminAccess } from './admin-access.js';
import { ADMIN_PATH } from './admin-path.js';
import { AdminFailure, failureOf } from './failure.js';
import { openApi } from './openapi.js';
import { input } from './request-input.js';
import { type Route, route, type RouteGroup } from './route.js';
import { OverviewRoutes } from './routes/overview.routes.js';
import { PeopleRoutes } from './routes/people.routes.js';
import { PoolRoutes } from './routes/pool.routes.js';
import { RoomRoutes } from './routes/room.routes.js';
import { ServiceRoutes } from './routes/service.routes.js';
import { facts } from './schema.js';

const GROUPS: readonly Type<RouteGroup>[] = [OverviewRoutes, PoolRoutes, RoomRoutes, PeopleRoutes, ServiceRoutes];

/** What operators see and do, over HTTP at `/admin`. */
@Module({})
export class AdminModule implements OnApplicationBootstrap {
  readonly #logger = new Logger('Admin');
  /** Who made a request that was let in. */
  readonly #actors = new WeakMap<FastifyRequest, Actor>();

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    private readonly access: AdminAccess,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  /** @param auth, operations, figures the modules that provide the services of these names */
  static register(auth: DynamicModule, operations: DynamicModule, figures: DynamicModule): DynamicModule {
    return {
      module: AdminModule,
      imports: [auth, operations, figures, InstancesModule, ModerationModule],
      providers: [AdminAccess, ...GROUPS],
    };
  }

  onApplicationBootstrap(): void {
    const fastify = this.adapterHost.httpAdapter?.getInstance<FastifyInstance>();
    if (!this.config.admin || !fastify) return;
    const groups = GROUPS.map((type): RouteGroup => this.moduleRef.get(type));
    groups.push(documentOf(groups));
    const routes = groups.flatMap((group) => group.routes);
    if (routes.some(({ method, path }) => fastify.hasRoute({ method, url: ADMIN_PATH + path }))) {
      this.#logger.warn({ msg: `operators are not served, because the application has its own ${ADMIN_PATH}` });
      return;
    }
    void fastify.register(async (scope) => this.#mount(scope, routes), { prefix: ADMIN_PATH });
  }

  /** Who asks is settled before the body is read; whatever fails is told in the same form. */
  #mount(scope: FastifyInstance, routes: readonly Route[]): void {
    scope.setErrorHandler((error, request, reply) => this.#refuse(error, request, reply));
    scope.setNotFoundHandler(async ({ raw }) => {
      await this.access.admit(raw, 'parley:moderate');
      throw new AdminFailure(404, 'not_found', 'There is no such route', `GET ${ADMIN_PATH}/openapi.json lists all.`);
    });
    for (const it of routes) {
      scope.route({
        method: it.method,
        url: it.path,
        exposeHeadRoute: false,
        onRequest: async (request, reply) => {
          this.#actors.set(request, await this.access.admit(request.raw, it.scope));
          if (await it.elsewhere?.(request.params as Record<string, string>, request.raw, reply.raw)) reply.hijack();
        },
        handler: async (request, reply) => {
          const answer = await it.handle({
            actor: this.#actors.get(request)!,
            params: request.params as Record<string, string>,
            query: input(it.query, request.query, 'query'),
            body: input(it.body, request.body, 'body'),
          });
          return reply
            .code(it.status ?? 200)
            .headers(PRIVATE)
            .send(answer);
        },
      });
    }
  }

  #refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const failure = failureOf(error, request.method !== 'GET') ?? this.#unforeseen(error, request);
    const { status, code, message, hint, headers } = failure;
    return reply
      .code(status)
      .headers({ ...PRIVATE, ...headers })
      .send({ error: message, code, hint });
  }

  #unforeseen(error: unknown, { method, routeOptions }: FastifyRequest): AdminFailure {
    const request_id = randomUUID();
    this.#logger.error({
      msg: 'request failed',
      request_id,
      method,
      route: routeOptions.url,
      error: error instanceof Error ? error.stack : String(error),
    });
    return new AdminFailure(500, 'internal', 'Internal error', `The log of the service says more under ${request_id}.`);
  }
}

/** What operators see is for nobody else's eyes. */
const PRIVATE = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** The document of all routes, itself included. */
function documentOf(groups: readonly RouteGroup[]): RouteGroup {
  let document: Readonly<Record<string, unknown>> | undefined;
  const own = route({
    method: 'GET',
    path: '/openapi.json',
    scope: 'parley:moderate',
    summary: 'This document',
    answer: facts('OpenAPI 3.1.'),
    handle: () => (document ??= openApi(groups)),
  });
  return { tag: 'Document', routes: [own] };
}
