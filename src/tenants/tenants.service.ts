import type { Server } from 'node:http';
import { Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthService } from '../auth/index.js';
import { ConfigurationError, ofTenant, ParleyConfig, type TenantSettings } from '../config/index.js';
import { OpenConnections } from '../mcp-transport/index.js';
import type { Front } from '../ports/front.js';
import { IdentityVerifier } from '../ports/identity-verifier.js';
import { Handover } from './handover.js';
import { Tenant, type Within } from './tenant.js';
import { TenantVerifier } from './tenant-verifier.js';

/** How the services of tenants come about. */
export interface TenantsOptions {
  readonly tenants: readonly TenantSettings[];
  /** Starts a tenant's service so far that it may be asked, but does not let it listen. */
  readonly open: (tenant: TenantSettings, front: Front) => Promise<NestFastifyApplication>;
  readonly within: Within;
}
export const TenantsOptions = Symbol('parley/TenantsOptions');

/** The tenants behind this front, from their start to their end. */
@Injectable()
export class TenantsService {
  readonly #tenants = new Map<string, Tenant>();
  /** From the front to whichever tenant a request is for. */
  readonly handover = new Handover();
  /** Whether this instance goes down. */
  #leaving = false;

  constructor(
    private readonly auth: AuthService,
    @Inject(IdentityVerifier) private readonly verifier: IdentityVerifier | null,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  get all(): Iterable<Tenant> {
    return this.#tenants.values();
  }

  /** One of them, whichever. */
  get any(): Tenant {
    return this.#tenants.values().next().value!;
  }

  get(name: string): Tenant | undefined {
    return this.#tenants.get(name);
  }

  /** @param server takes the requests of all. @throws ConfigurationError naming the tenant; then none is left running */
  async start(server: Server): Promise<void> {
    const { verifier, auth, options } = this;
    const connections = new OpenConnections(server, this.config);
    for (const settings of options.tenants) {
      const { name } = settings;
      const front: Front = {
        verifier: verifier && new TenantVerifier(name, verifier, auth, this.handover),
        finish: () => connections.finish(),
      };
      try {
        const app = await options.within(name, () => options.open(settings, front));
        this.#tenants.set(name, new Tenant(settings, app, options.within));
      } catch (error) {
        await this.close();
        throw error instanceof ConfigurationError ? ofTenant(name, error) : error;
      }
    }
  }

  /** That one tenant's operators empty its service here is nobody else's business. @throws ServiceUnavailableException */
  requireReady(): void {
    if (this.#leaving) throw new ServiceUnavailableException({ status: 'draining' });
    if ([...this.all].some(({ hasState }) => !hasState)) {
      throw new ServiceUnavailableException({ status: 'state_unreachable' });
    }
  }

  async drain(): Promise<void> {
    this.#leaving = true;
    await Promise.all([...this.all].map((tenant) => tenant.drain()));
  }

  async close(): Promise<void> {
    this.#leaving = true;
    await Promise.all([...this.all].map((tenant) => tenant.close()));
  }
}
