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
import { chatSettings, Door, McpRegistry, ToolNaming } from '../mcp-transport/index.js';
import { builtApp, builtPage } from './built-files.js';
import { APP_MIME_TYPE, APPS_EXTENSION, ChatAppResource, OPENS_APP } from './chat-app.resource.js';
import { serveFiles } from './serve-files.js';

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
    const files = builtPage('page', '/');
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
    serveFiles(fastify, files, door);
  }
}
