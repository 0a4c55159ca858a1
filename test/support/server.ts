import type { ParleyOptions } from '../../src/app.module.js';
import { SseStreams } from '../../src/mcp-transport/sse-streams.js';
import { NotificationsService } from '../../src/notifications/index.js';
import { type RunningServer, startServer } from '../../src/server.js';
import { until } from './until.js';

/** What a test changes: environment variables by name, and whatever else a host application may set. */
export interface TestOverrides extends Omit<ParleyOptions, 'environment'> {
  readonly environment?: Readonly<Record<string, string | number>>;
}

export interface TestServer {
  /** The MCP endpoint, e.g. `http://127.0.0.1:49152/mcp`. */
  readonly url: URL;
  readonly app: RunningServer['app'];
  readonly config: RunningServer['config'];
  /** How many event streams are open. */
  readonly streams: number;
  /** Waits until as many long polls are being served. */
  waiting(count: number): Promise<void>;
  /** Carries out what has become due by now, without waiting for the service's own timer. */
  upkeep(): Promise<void>;
  /** Renews the presence of all who listen or wait, as the service does from time to time. */
  renewListening(): Promise<void>;
  close(): Promise<void>;
}

/** Nothing of the process environment reaches the service under test; it listens on a free port. */
export const TEST_ENVIRONMENT = {
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'error',
  // As patient as can be: a busy machine holds up strategies and webhook receivers that are well.
  STRATEGY_BUDGET_MS: '10000',
  WEBHOOKS_CONNECT_TIMEOUT_MS: '60000',
  WEBHOOKS_TIMEOUT_SECONDS: '60',
  WEBHOOKS_BODY_TIMEOUT_MS: '60000',
};

let started = 0;

/** A namespace of its own for each service, when the tests are run on a Redis: `TEST_STATE_URL=redis://… npm test`. */
function stateEnvironment(given: TestOverrides['environment'] = {}): Record<string, string> {
  const url = process.env['TEST_STATE_URL'];
  // A history in the memory of one service goes with a state there.
  return url && given['HISTORY_URL'] !== 'memory:'
    ? { STATE_URL: url, STATE_NAMESPACE: `test-${process.pid}-${++started}-${Date.now()}` }
    : {};
}

/** Starts the service in this process. Close it in `afterAll` or `afterEach`. */
export async function startTestServer({ environment = {}, ...options }: TestOverrides = {}): Promise<TestServer> {
  const given = Object.entries(environment).map(([name, value]) => [name, String(value)]);
  const server = await startServer({
    ...options,
    environment: {
      ...TEST_ENVIRONMENT,
      ...stateEnvironment(environment),
      ...(Object.fromEntries(given) as Record<string, string>),
    },
  });
  const notifications = server.app.get(NotificationsService, { strict: false });
  const streams = server.app.get(SseStreams, { strict: false });
  let waits = 0;
  const wait = notifications.wait.bind(notifications);
  notifications.wait = async (request) => {
    waits++;
    return wait(request).finally(() => waits--);
  };
  return {
    get streams() {
      return streams.counts.open;
    },
    waiting: async (count) => {
      await until(`${count} waits`, () => waits === count);
    },
    url: new URL('/mcp', server.url),
    app: server.app,
    config: server.config,
    upkeep: () => notifications.upkeep(),
    renewListening: () => notifications.renewListening(),
    close: () => server.close(),
  };
}
