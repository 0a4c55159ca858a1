import type { RequestListener } from 'node:http';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ownClock, ParleyModule, type ParleyOptions } from './app.module.js';
import { frontConfig, loadConfig, loadTenants, MCP_PATH, type ParleyConfig, tenantPath } from './config/index.js';
import { InstancesService } from './instances/index.js';
import { McpEndpoint } from './mcp-transport/index.js';
import { ServerLogger, within } from './server-logger.js';

/** How long a client may take to send one whole request. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A running service. */
export interface RunningServer {
  /** The application that listens: with tenants, the front of theirs. */
  readonly app: NestFastifyApplication;
  /** The application of each tenant, by name; empty without tenants. */
  readonly tenants: ReadonlyMap<string, NestFastifyApplication>;
  readonly config: ParleyConfig;
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Where MCP is spoken: one address, or one for each tenant. */
  readonly endpoints: readonly string[];
  /** Where people chat in a browser, when the page is served. */
  readonly page: string | undefined;
  /** Takes on nothing that lasts and is not ready any more; settles when everybody has had time to notice. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the service as the options say. @throws ConfigurationError, or the system's error when the port is taken */
export async function startServer(options: ParleyOptions = {}): Promise<RunningServer> {
  const config = loadConfig(options.environment ?? process.env);
  return config.tenancy ? startTenants(config, options) : startOne(config, options);
}

async function startOne(config: ParleyConfig, options: ParleyOptions): Promise<RunningServer> {
  const app = await create(ParleyModule.register(options), config, new ServerLogger(config.logLevel));
  answerAhead(app);
  await app.listen(config.port, config.host);
  const url = await app.getUrl();
  const hasPage = app.getHttpAdapter().getInstance().hasRoute({ method: 'GET', url: '/' });
  const instances = app.get(InstancesService, { strict: false });
  return {
    app,
    tenants: new Map(),
    config,
    url,
    endpoints: [url + MCP_PATH],
    page: hasPage ? `${url}/` : undefined,
    drain: () => instances.drain(),
    close: () => app.close(),
  };
}

/** A service for each tenant, none of which listens, behind a front that does. */
async function startTenants(config: ParleyConfig, options: ParleyOptions): Promise<RunningServer> {
  const { TenantsModule, TenantsService } = await import('./tenants/index.js');
  const tenants = loadTenants(config.tenancy!, options.environment ?? process.env);
  const logger = new ServerLogger(config.logLevel);
  const { identity, ...rest } = options;
  const module = TenantsModule.register({
    config: frontConfig(config, tenants),
    clock: ownClock(options),
    ...(identity && { identity }),
    tenants,
    within,
    open: async ({ name, variables, config: own }, front) => {
      const tenant = { name, front };
      const module = ParleyModule.register({ ...rest, environment: variables, tenant });
      const app = await (await create(module, own, logger)).init();
      // Nobody calls listen, which would wait for it.
      await app.getHttpAdapter().getInstance().ready();
      return app;
    },
  });
  const app = await create(module, config, logger);
  await app.listen(config.port, config.host);
  const url = await app.getUrl();
  const service = app.get(TenantsService);
  const byPath = tenants.map(({ name }) => url + tenantPath(name) + MCP_PATH);
  return {
    app,
    tenants: new Map([...service.all].map((tenant) => [tenant.name, tenant.app])),
    config,
    url,
    endpoints: config.tenancy!.from === 'path' ? byPath : [url + MCP_PATH],
    page: undefined,
    drain: () => service.drain(),
    close: () => app.close(),
  };
}

/**
 * Has the endpoint answer ahead of Fastify, whose routing and hooks do nothing for it but cost 3 µs of a message. A path
 * that is not written just so goes on to Fastify, where the endpoint is mounted, too.
 */
function answerAhead(app: NestFastifyApplication): void {
  const endpoint = app.get(McpEndpoint, { strict: false });
  const server = app.getHttpServer();
  const [fastify] = server.listeners('request') as [RequestListener];
  server.removeListener('request', fastify);
  server.on('request', (request, response) => {
    if (request.url === MCP_PATH) endpoint.serve(request, response);
    else fastify(request, response);
  });
}

function create(module: DynamicModule, config: ParleyConfig, logger: ServerLogger): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    forceCloseConnections: true,
    // What comes while the service goes down is refused by the endpoint, as MCP has it.
    return503OnClosing: false,
    bodyLimit: config.bodyMaxBytes,
    // A client that never finishes its request does not hold its connection for ever. Waits and streams come after.
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  return NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
}
