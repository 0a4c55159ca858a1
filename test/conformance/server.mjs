import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { MCP_PATH, McpRegistry, ParleyModule } from '../../dist/index.js';
import { addFixtures } from './fixtures.mjs';

class ConformanceModule {}

/** Parley with the suite's fixtures beside its own tools, as a host application would add them. */
const withFixtures = (parley) => ({
  module: ConformanceModule,
  imports: [parley],
  providers: [{ provide: 'fixtures', inject: [McpRegistry], useFactory: addFixtures }],
});

/** Starts it on a free port of the loopback interface: `{ url, close }`. */
export async function startServer() {
  const environment = { HOST: '127.0.0.1', LOG_LEVEL: 'error' };
  const app = await NestFactory.create(
    withFixtures(ParleyModule.register({ environment })),
    new FastifyAdapter({ forceCloseConnections: true }),
    { logger: ['fatal'], abortOnError: false, bodyParser: false },
  );
  await app.listen(0, environment.HOST);
  return { url: (await app.getUrl()) + MCP_PATH, close: () => app.close() };
}
