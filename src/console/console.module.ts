import { Inject, Logger, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ParleyConfig } from '../config/index.js';
import { Door } from '../mcp-transport/index.js';
import { builtPage, serveFiles } from '../web/index.js';

const PATH = '/console';

/**
 * The page for operators at `/console`, where the operator API is. The page itself is nobody's secret: it asks for a token
 * and knows nothing without one.
 */
@Module({})
export class ConsoleModule implements OnApplicationBootstrap {
  readonly #logger = new Logger('Console');

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  onApplicationBootstrap(): void {
    const fastify = this.adapterHost.httpAdapter?.getInstance<FastifyInstance>();
    if (!this.config.console || !this.config.admin || !fastify) return;
    const files = builtPage('console', PATH);
    if (!files) {
      this.#logger.warn({ msg: 'the console was not built, so that nobody is served it: npm run build' });
    } else if (fastify.hasRoute({ method: 'GET', url: PATH })) {
      this.#logger.log({ msg: `the application has its own ${PATH}` });
    } else serveFiles(fastify, files, new Door(this.config));
  }
}
