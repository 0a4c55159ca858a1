import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ParleyModule, type ParleyOptions } from './app.module.js';
import { loadConfig, type ParleyConfig } from './config/index.js';
import { InstancesService } from './instances/index.js';
import { ServerLogger } from './server-logger.js';

/** How long a client may take to send one whole request. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A running service. */
export interface RunningServer {
  readonly app: NestFastifyApplication;
  readonly config: ParleyConfig;
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Where people chat in a browser, when the page is served. */
  readonly page: string | undefined;
  /** Takes on nothing that lasts and is not ready any more; settles when everybody has had time to notice. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the service as the options say. @throws ConfigurationError, or the system's error when the port is taken */
export async function startServer(options: ParleyOptions = {}): Promise<RunningServer> {
  const config = loadConfig(options.environment ?? process.env);
  const adapter = new FastifyAdapter({
    forceCloseConnections: true,
    // What comes while the service goes down is refused by the endpoint, as MCP has it.
    return503OnClosing: false,
    bodyLimit: config.bodyMaxBytes,
    // A client that never finishes its request does not hold its connection for ever. Waits and streams come after.
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ParleyModule.register(options), adapter, {
    logger: new ServerLogger(config.logLevel),
    abortOnError: false,
    bodyParser: false,
  });
  await app.listen(config.port, config.host);
  const url = await app.getUrl();
  const hasPage = adapter.getInstance().hasRoute({ method: 'GET', url: '/' });
  const instances = app.get(InstancesService, { strict: false });
  return {
    app,
    config,
    url,
    page: hasPage ? `${url}/` : undefined,
    drain: () => instances.drain(),
    close: () => app.close(),
  };
}
