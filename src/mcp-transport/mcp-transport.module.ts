import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
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
import { SessionLeg } from './session-leg.js';
import { SessionStore } from './session-store.js';
import { SseStreams } from './sse-streams.js';
import { StatelessLeg } from './stateless-leg.js';
import { ToolNaming } from './tool-naming.js';
import { CHAT_TOOLS } from './tools/index.js';
import { StatusService } from './tools/status.service.js';

/** How long nobody must have come before a closing server stops listening, and how long it waits for that, in milliseconds. */
const QUIET_MS = 200;
const QUIET_LIMIT_MS = 1_500;
/** How long after it was opened a connection may bring its first request to a closing server, in milliseconds. */
const UNUSED_MS = 250;
/** How often a closing server looks whether everybody has been answered, in milliseconds. */
const FLUSH_POLL_MS = 20;

/** MCP over Streamable HTTP on the application's own Fastify server. */
@Module({})
export class McpTransportModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  /** Open connections, and when each was accepted, in milliseconds of the process's own clock. */
  readonly #sockets = new Map<Socket, number>();
  /** When the newest was. */
  #newest = 0;

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly adapterHost: HttpAdapterHost,
    private readonly registry: McpRegistry,
    private readonly endpoint: McpEndpoint,
    private readonly naming: ToolNaming,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
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
    (adapter.getHttpServer() as Server).on('connection', (socket: Socket) => {
      this.#newest = performance.now();
      this.#sockets.set(socket, this.#newest);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Lets answers that are under way reach their clients before the server closes every connection. */
  async beforeApplicationShutdown(): Promise<void> {
    const server = this.adapterHost.httpAdapter?.getHttpServer() as Server | undefined;
    if (!server?.listening) return;
    const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    const { drainMs, shutdownMs } = this.config;
    const until = performance.now() + (shutdownMs - drainMs) / 2;
    // Whoever comes is told so, until nobody does: a connection that nobody has taken yet would be reset with the listener.
    const patient = Math.min(until, performance.now() + QUIET_LIMIT_MS);
    while (performance.now() < patient && performance.now() - this.#newest < QUIET_MS) await sleep(FLUSH_POLL_MS);
    await this.#nobodyComing();
    server.close();
    for (;;) {
      server.closeIdleConnections();
      // To Node, a connection that was opened ahead and never used is not idle.
      for (const [socket, since] of this.#sockets) {
        if (socket.bytesRead === 0 && performance.now() - since > UNUSED_MS) socket.destroy();
      }
      if ((await connections()) === 0 || performance.now() > until) return;
      await sleep(FLUSH_POLL_MS);
      // What has arrived meanwhile is read first: until then its connection looks idle, or unused.
      await turn();
    }
  }

  /** Settles right after the event loop has looked for new connections and found none. */
  #nobodyComing(): Promise<void> {
    return new Promise((resolve) => {
      const look = (newest: number) => setImmediate(() => (this.#newest === newest ? resolve() : look(this.#newest)));
      look(this.#newest);
    });
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
      void endpoint.serve(request.raw, reply.raw);
    },
    handler: () => undefined,
  });
}
