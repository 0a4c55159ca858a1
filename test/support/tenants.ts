import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/ports/clock.js';
import { type RunningServer, startServer } from '../../src/server.js';
import { StatelessPeer } from '../e2e/http/wire.js';
import { AUDIENCE, type Authority } from './authority.js';
import { TEST_ENVIRONMENT } from './server.js';

export interface TestTenant {
  readonly name: string;
  readonly requests_per_second?: number;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Two tenants that are alike in everything but their name. */
export const ALIKE: readonly TestTenant[] = [{ name: 'acme' }, { name: 'globex' }];

/** How a tenant is reached: by its path without tokens, by its path with tokens for that, or by a claim. */
export type Way = 'path' | 'path and audience' | 'claim';
export const WAYS: readonly Way[] = ['path', 'path and audience', 'claim'];

interface Reached {
  readonly way?: Way;
  readonly authority?: Authority;
  readonly clock?: Clock;
}

/** A file that lists tenants, until `remove`. */
export function tenantsFile(content: unknown): { readonly file: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'parley-tenants-'));
  const file = join(folder, 'tenants.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A front with tenants behind it, in this process. Close it in `afterAll` or `afterEach`. */
export class TestTenants {
  private constructor(
    readonly server: RunningServer,
    readonly way: Way,
    private readonly authority: Authority | undefined,
    private readonly remove: () => void,
  ) {}

  static async start(
    environment: Readonly<Record<string, string>> = {},
    tenants: readonly TestTenant[] = ALIKE,
    { way = 'path', authority, clock }: Reached = {},
  ): Promise<TestTenants> {
    const { file, remove } = tenantsFile(tenants);
    const access = way === 'path' ? {} : { ...authority!.jwt, TENANT_FROM: way === 'claim' ? 'claim' : 'path' };
    try {
      const own = { ...TEST_ENVIRONMENT, TENANTS_FILE: file, ...access, ...environment };
      return new TestTenants(await startServer({ environment: own, ...(clock && { clock }) }), way, authority, remove);
    } catch (error) {
      remove();
      throw error;
    }
  }

  /** An address of the front itself. */
  front(path: string): URL {
    return new URL(path, this.server.url);
  }

  /** An address below a tenant's path. */
  at(tenant: string, path: string): URL {
    return this.front(`/t/${tenant}${path}`);
  }

  /** Where clients of a tenant speak MCP. */
  endpoint(tenant: string): URL {
    return this.way === 'claim' ? this.front('/mcp') : this.at(tenant, '/mcp');
  }

  /** What somebody shows to be let in by a tenant; undefined where nobody is asked. */
  async token(tenant: string, sub: string, scope = 'parley:chat'): Promise<string | undefined> {
    if (this.way === 'path') return undefined;
    const meant = this.way === 'claim' ? { tenant } : { aud: audienceOf(tenant) };
    return this.authority!.token(sub, { ...meant, scope });
  }

  async peer(tenant: string, sub: string): Promise<StatelessPeer> {
    return new StatelessPeer(this.endpoint(tenant), await this.token(tenant, sub));
  }

  async close(): Promise<void> {
    this.remove();
    await this.server.close();
  }
}

/** The address of a tenant's endpoint as tokens name it. */
export const audienceOf = (tenant: string) => AUDIENCE.replace(/\/mcp$/, `/t/${tenant}/mcp`);
