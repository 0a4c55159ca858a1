import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ParleyConfig } from '../config/index.js';
import { chatSettings, Door, McpRegistry, RpcError, ToolNaming } from '../mcp-transport/index.js';
import { builtApp, builtPage } from './built-files.js';
import { APP_MIME_TYPE, APPS_EXTENSION, ChatAppResource, OPENS_APP } from './chat-app.resource.js';
import type { ServedFile } from './served-file.js';

const NOT_BUILT = 'was not built, so that nobody is served it: npm run build';

/** What people see: the chat page at `/`, and the window in MCP hosts. */
@Module({})
export class WebModule implements OnModuleInit, OnApplicationBootstrap {
  readonly #logger = new Logger('Web');

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly registry: McpRegistry,
    private readonly naming: ToolNaming,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  /** @param transport the module that provides the registry of the endpoint */
  static register(transport: DynamicModule): DynamicModule {
    return { module: WebModule, imports: [transport] };
  }

  onModuleInit(): void {
    if (!this.config.mcpApp) return;
    const html = builtApp();
    if (html === undefined) return this.#logger.warn({ msg: `the chat window for MCP hosts ${NOT_BUILT}` });
    this.registry.addExtension(APPS_EXTENSION, { mimeTypes: [APP_MIME_TYPE] });
    this.registry.addResource(new ChatAppResource(html, chatSettings(this.config)));
    for (const tool of ['enter_queue', 'join_room']) this.registry.addToolMeta(this.naming.words(tool), OPENS_APP);
  }

  onApplicationBootstrap(): void {
    const fastify = this.adapterHost.httpAdapter?.getInstance<FastifyInstance>();
    if (!this.config.webPage || !fastify) return;
    const files = builtPage();
    if (!files) return this.#logger.warn({ msg: `the chat page ${NOT_BUILT}` });
    if (['/', '/*', '*'].some((url) => fastify.hasRoute({ method: 'GET', url }))) {
      return this.#logger.log({ msg: 'the chat page is not served, because the application has its own /' });
    }
    const door = new Door(this.config);
    if (!door.knowsItself) {
      this.#logger.warn({
        msg: 'the chat page is served, but no browser may speak to /mcp: name its host in ALLOWED_HOSTS',
      });
    }
    mount(fastify, files, door);
  }
}

/** Files go straight out, behind the same check of the host as everything else. */
function mount(fastify: FastifyInstance, files: readonly ServedFile[], door: Door): void {
  for (const file of files) {
    fastify.route({
      method: ['GET', 'HEAD'],
      url: file.path,
      exposeHeadRoute: false,
      onRequest: (request, reply) => {
        reply.hijack();
        try {
          door.requireHost(request.raw);
        } catch (error) {
          const { httpStatus, message } = error as RpcError;
          reply.raw.writeHead(httpStatus, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
          return;
        }
        file.serve(request.raw, reply.raw).catch(() => reply.raw.destroy());
      },
      handler: () => undefined,
    });
  }
}
