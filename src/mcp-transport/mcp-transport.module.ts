import type { Server } from 'node:http';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { MCP_PATH, ParleyConfig } from '../config/index.js';
import { InstancesModule } from '../instances/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { Front } from '../ports/front.js';
import { ParticipantsModule } from '../participants/index.js';
import { RoomsModule } from '../rooms/index.js';
import { CallFigures } from './call-figures.js';
import { CallerService } from './caller.service.js';
import { findPartner, KEEP_CHATTING } from './chat-prompts.js';
import { InboxResource, RoomResource } from './chat-resources.js';
import { McpEndpoint } from './mcp.endpoint.js';
import { McpRegistry } from './mcp-registry.js';
import { McpTracing } from './mcp-tracing.js';
import { McpRouter } from './mcp-router.js';
import type { McpTool } from './mcp-tool.js';
import { OpenConnections } from './open-connections.js';
import { SessionLeg } from './session-leg.js';
import { SessionStore } from './session-store.js';
import { SseStreams } from './sse-streams.js';
import { StatelessLeg } from './stateless-leg.js';
import { ToolNaming } from './tool-naming.js';
import { CHAT_TOOLS } from './tools/index.js';
import { StatusService } from './tools/status.service.js';

/** MCP over Streamable HTTP on the application's own Fastify server. */
@Module({})
export class McpTransportModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  #connections: OpenConnections | undefined;

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly adapterHost: HttpAdapterHost,
    private readonly registry: McpRegistry,
    private readonly endpoint: McpEndpoint,
    private readonly naming: ToolNaming,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    @Inject(Front) private readonly front: Front | null,
  ) {}

  /** @param queue, auth the modules that provide the queue service and the auth service */
  static register(queue: DynamicModule, auth: DynamicModule): DynamicModule {
    return {
      module: McpTransportModule,
      imports: [queue, auth, InstancesModule, RoomsModule, ParticipantsModule, NotificationsModule],
      providers: [
        CallFigures,
        CallerService,
        InboxResource,
        RoomResource,
        McpRegistry,
        McpTracing,
        McpRouter,
        McpEndpoint,
        SessionStore,
        SessionLeg,
        StatelessLeg,
        SseStreams,
        StatusService,
        ...CHAT_TOOLS,
        {
          provide: ToolNaming,
          useFactory: (config: ParleyConfig, ...tools: McpTool[]) =>
            new ToolNaming(
              config.toolPrefix,
              tools.map(({ name }) => name),
            ),
          inject: [ParleyConfig, ...CHAT_TOOLS],
        },
      ],
      exports: [McpRegistry, CallFigures, CallerService, SessionStore, SseStreams, ToolNaming],
    };
  }

  onModuleInit(): void {
    const { registry, naming } = this;
    for (const type of CHAT_TOOLS) {
      const tool = this.moduleRef.get<McpTool>(type);
      if (tool.enabled !== false) registry.addTool(naming.tool(tool));
    }
    registry.addResource(this.moduleRef.get(InboxResource));
    registry.addResource(this.moduleRef.get(RoomResource));
    registry.addPrompt(naming.prompt(findPartner(this.config.pools)));
    registry.addPrompt(naming.prompt(KEEP_CHATTING));
  }

  onApplicationBootstrap(): void {
    const adapter = this.adapterHost.httpAdapter;
    if (!adapter) return;
    if (adapter.getType() !== 'fastify') throw new Error('Parley needs the Fastify adapter (@nestjs/platform-fastify)');
    mount(adapter.getInstance<FastifyInstance>(), this.endpoint);
    if (!this.front) this.#connections = new OpenConnections(adapter.getHttpServer() as Server, this.config);
  }

  /** Lets answers that are under way reach their clients before the server closes every connection. */
  async beforeApplicationShutdown(): Promise<void> {
    await (this.front ?? this.#connections)?.finish();
  }
}

/** The endpoint takes each request before Fastify looks at its body: the door comes first, answers go straight out. */
function mount(fastify: FastifyInstance, endpoint: McpEndpoint): void {
  fastify.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: MCP_PATH,
    exposeHeadRoute: false,
    onRequest: (request, reply) => {
      reply.hijack();
      endpoint.serve(request.raw, reply.raw);
    },
    handler: () => undefined,
  });
}
