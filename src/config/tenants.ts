import { readFileSync } from 'node:fs';
import type { Rate } from '../domain/token-bucket.js';
import { checked, ConfigurationError } from './checked.js';
import { Environment, TenantEnvironment } from './environment.js';
import { loadConfig, type ParleyConfig, type TenancySettings } from './parley-config.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** One tenant: a service of its own, reached through the front that all share. */
export interface TenantSettings {
  readonly name: string;
  /** What its service is configured by. */
  readonly variables: Variables;
  readonly config: ParleyConfig;
  /** Of requests that one instance takes for it; `burst` 0 lifts it. */
  readonly requestRate: Rate;
}

/** What a tenant may have otherwise than the process environment says. All else is the same for every tenant. */
export const PER_TENANT: ReadonlySet<string> = new Set<keyof Environment>([
  'PARTICIPANTS_PER_PRINCIPAL',
  'TOOL_PREFIX',
  'HISTORY_RETENTION_DAYS',
  'EVENTS_STREAM',
  'EVENTS_STREAM_HOURS',
  'EVENTS_STREAM_MEGABYTES',
  'EVENTS_MESSAGE_TEXT',
  'OUTBOX_RECORDS_MAX',
  'WEB_PAGE',
  'MCP_APP',
  'POOLS',
  'MATCHING_STRATEGY',
  'MATCHING_OPTIONS',
  'STRATEGY_BUDGET_MS',
  'MATCHING_DECISIONS',
  'TRACE_FILE',
  'TRACE_ATTRIBUTES',
  'BODY_MAX_BYTES',
  'MESSAGE_MAX_CHARACTERS',
  'DISPLAY_NAME_MAX_CHARACTERS',
  'ATTRIBUTES_MAX_BYTES',
  'MESSAGE_RATE_COUNT',
  'MESSAGE_RATE_SECONDS',
  'JOIN_RATE_COUNT',
  'JOIN_RATE_SECONDS',
  'TICKETS_PER_PARTICIPANT',
  'ROOMS_PER_PARTICIPANT',
  'STREAMS_PER_PARTICIPANT',
  'WAITS_PER_PARTICIPANT',
  'PARTICIPANTS_MAX',
  'SESSIONS_MAX',
  'STREAMS_MAX',
  'SESSION_IDLE_SECONDS',
  'EVENT_LOG_ENTRIES',
  'EVENT_LOG_HOURS',
  'ROOM_HISTORY_MESSAGES',
  'ENDED_ROOMS_MAX',
  'ENDED_ROOM_SECONDS',
  'MODERATION_RULES_FILE',
  'MODERATION_URL',
  'MODERATION_SECRET',
  'MODERATION_TIMEOUT_MS',
  'MODERATION_ON_FAILURE',
  'CASES_MAX',
  'AUDIT_ENTRIES_MAX',
  'SUPERVISION_NAMED_ROOMS',
  'PRESENCE_TTL_SECONDS',
  'PRESENCE_GRACE_SECONDS',
  'TICKET_TTL_SECONDS',
  'WAIT_DEFAULT_SECONDS',
  'WAIT_MAX_SECONDS',
  'EVENTS_KEY',
  'EVENTS_POLL_SECONDS',
  'EVENTS_ERROR_CODES',
  'WEBHOOKS_PER_PARTICIPANT',
  'WEBHOOKS_MAX',
  'WEBHOOKS_TTL_SECONDS',
  'WEBHOOKS_TTL_MIN_SECONDS',
  'WEBHOOKS_TTL_MAX_SECONDS',
  'WEBHOOKS_TIMEOUT_SECONDS',
  'WEBHOOKS_BACKLOG',
  'WEBHOOKS_HOST_RATE_COUNT',
  'WEBHOOKS_HOST_RATE_SECONDS',
  'WEBHOOKS_HOST_CONNECTIONS',
  'WEBHOOKS_CONNECTIONS',
  'METRICS_TOKEN',
  'ADMIN',
  'ADMIN_TOKEN',
  'CONSOLE',
]);

const NO_LIST = 'TENANTS_FILE must hold a JSON list of tenants, e.g. [{"name": "acme"}]';

/** Reads and checks the tenants, each with its whole configuration. @throws ConfigurationError */
export function loadTenants({ file, max }: TenancySettings, variables: Variables): readonly TenantSettings[] {
  if ((variables['TRACE_FILE'] ?? '').trim() !== '') {
    throw new ConfigurationError('TRACE_FILE must be a variable of each tenant: they do not record into one file');
  }
  const list = readList(file);
  if (list.length > max) {
    throw new ConfigurationError(`TENANTS_FILE lists ${list.length} tenants, and TENANTS_MAX lets in ${max}`);
  }
  const tenants = list.map((item, index) => tenantOf(item, `TENANTS_FILE[${index}]`, variables));
  requireUnlike(tenants, 'is listed twice', ({ name }) => name);
  requireUnlike(tenants, 'records into the TRACE_FILE of another one', ({ config }) => config.trace?.file);
  return tenants;
}

/**
 * The configuration of the front, which verifies tokens for every tenant. Reached by path, a tenant has an address and so
 * an audience of its own: then a token is for the tenant whose audience it names.
 */
export function frontConfig(config: ParleyConfig, tenants: readonly TenantSettings[]): ParleyConfig {
  if (config.tenancy?.from !== 'path') return config;
  const own = tenants.flatMap(({ name, config: { auth } }) => {
    const [audience, ...more] = auth.audiences;
    return audience !== undefined && audience === auth.resource && more.length === 0
      ? ([[audience, name]] as const)
      : [];
  });
  const audiences = [...new Set(tenants.flatMap(({ config: { auth } }) => auth.audiences))];
  // There is no endpoint at the front itself that metadata could be about.
  return Object.freeze({
    ...config,
    auth: Object.freeze({ ...config.auth, resource: null, audiences, tenantAudiences: new Map(own) }),
  });
}

function readList(file: string): object[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`TENANTS_FILE: ${(error as Error).message}`);
  }
  const list = parsed(text);
  const isItem = (item: unknown): item is object => typeof item === 'object' && item !== null && !Array.isArray(item);
  if (!Array.isArray(list) || list.length === 0 || !list.every(isItem)) throw new ConfigurationError(NO_LIST);
  return list;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tenantOf(item: object, path: string, common: Variables): TenantSettings {
  const { name, requests_per_second: burst = 0, variables: own } = checked(TenantEnvironment, item, path);
  const known = new Environment();
  const overlay = Object.entries(own).map(([variable, value]) => {
    const here = `${path}.variables.${variable}`;
    if (!(variable in known)) throw new ConfigurationError(`${here} is not a known setting`);
    if (!PER_TENANT.has(variable)) {
      throw new ConfigurationError(`${here} is the same for all tenants: set it in the environment`);
    }
    return [variable, asText(value)] as const;
  });
  const variables = { ...common, ...Object.fromEntries(overlay) };
  try {
    return { name, variables, config: loadConfig(variables, name), requestRate: { burst, perMs: 1_000 } };
  } catch (error) {
    throw error instanceof ConfigurationError ? ofTenant(name, error) : error;
  }
}

/** A setting of one tenant that is not what it must be. */
export const ofTenant = (name: string, { message }: ConfigurationError) =>
  new ConfigurationError(`tenant "${name}" (TENANTS_FILE): ${message}`);

/** As a variable of the process would have it. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const isPlain = (item: unknown) => typeof item === 'string' || typeof item === 'number';
  return Array.isArray(value) && value.every(isPlain) ? value.join(',') : JSON.stringify(value);
}

function requireUnlike(
  tenants: readonly TenantSettings[],
  what: string,
  of: (tenant: TenantSettings) => string | undefined,
): void {
  const seen = new Set<string>();
  for (const tenant of tenants) {
    const value = of(tenant);
    if (value === undefined) continue;
    if (seen.has(value)) throw new ConfigurationError(`TENANTS_FILE: the tenant "${tenant.name}" ${what}`);
    seen.add(value);
  }
}
