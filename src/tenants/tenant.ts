import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TenantSettings } from '../config/index.js';
import { TokenBucket } from '../domain/token-bucket.js';
import { InstancesService } from '../instances/index.js';
import { MetricsModule } from '../metrics/index.js';
import { StateStore } from '../ports/state-store.js';

/** Runs something in whose log lines the tenant is named. */
export type Within = <T>(tenant: string, work: () => T) => T;

/** One tenant's whole service, which does not listen itself, and what it may be asked. */
export class Tenant {
  /** Requests refused because there were too many. */
  refused = 0;
  readonly #server: Server;
  readonly #instances: InstancesService;
  readonly #metrics: MetricsModule;
  readonly #state: StateStore;
  readonly #requests: TokenBucket;

  constructor(
    readonly settings: TenantSettings,
    readonly app: NestFastifyApplication,
    private readonly within: Within,
  ) {
    this.#server = app.getHttpServer();
    this.#instances = app.get(InstancesService, { strict: false });
    this.#metrics = app.get(MetricsModule, { strict: false });
    this.#state = app.get<StateStore>(StateStore, { strict: false });
    this.#requests = new TokenBucket(settings.requestRate, Math.floor(performance.now()));
  }

  get name(): string {
    return this.settings.name;
  }

  /** Its figures; undefined while nobody counts. */
  get figures() {
    return this.#metrics.registry;
  }

  /** Counts a request. @returns 0 when there may be one more now, else the milliseconds until there may */
  admit(): number {
    const wait = this.#requests.take(Math.floor(performance.now()));
    if (wait > 0) this.refused++;
    return wait;
  }

  /** @param url as the tenant's own service knows it */
  serve(request: IncomingMessage, response: ServerResponse, url: string): void {
    request.url = url;
    this.within(this.name, () => this.#server.emit('request', request, response));
  }

  /** Whether it has its state. */
  get hasState(): boolean {
    return this.#state.sharing?.reachable !== false;
  }

  drain(): Promise<void> {
    return this.within(this.name, () => this.#instances.drain());
  }

  close(): Promise<void> {
    return this.within(this.name, () => this.app.close());
  }
}
