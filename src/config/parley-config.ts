import { createHmac } from 'node:crypto';
import type { Rate } from '../domain/token-bucket.js';
import type { OutboxGroup } from '../ports/outbox.js';
import type { DeclinerPolicy, StateLimits } from '../ports/state-store.js';
import { type AuthSettings, authSettings } from './auth-settings.js';
import { checked, ConfigurationError } from './checked.js';
import { Environment, PoolEnvironment } from './environment.js';
import { type ModerationSettings, moderationSettings } from './moderation-settings.js';

/** A strategy by name, package or file, with options that its own class checks. The empty name is the application's own. */
export interface StrategySetting {
  readonly strategy: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What the two are called where they were set, for messages: e.g. `POOLS[1].strategy`. */
  readonly labels?: { readonly strategy: string; readonly options: string };
}

const DAY_MS = 86_400_000;
/** Connections to a PostgreSQL that one instance holds at most, and that each tenant of one does. */
const HISTORY_CONNECTIONS = 5;
const TENANT_HISTORY_CONNECTIONS = 2;

/** Settings of one pool. */
export interface PoolSettings {
  readonly name: string;
  readonly description: string;
  readonly minGroupSize: number;
  readonly maxGroupSize: number;
  readonly groupSizeMultiple: number;
  /** How long a ticket that names no group size holds out for the largest; null: it wants exactly the smallest. */
  readonly groupPatienceMs: number | null;
  readonly ticketTtlMs: number;
  /** How many active rooms of this pool one participant may be in; 0 lifts the bound. */
  readonly roomsPerParticipant: number;
  /** 1: everybody comes alone. */
  readonly maxPartySize: number;
  readonly matching: StrategySetting;
  readonly fallback: 'fifo' | 'none';
  /** Runs beside the live one and claims nothing. */
  readonly shadow: StrategySetting | null;
  /** For how long two who have met in this pool are kept apart; 0: not at all. */
  readonly cooldownMs: number;
  /** How long everybody has to accept a match; 0: nobody is asked. */
  readonly acceptMs: number;
  readonly decliner: DeclinerPolicy;
  /** Whether a seat that becomes free in a room of the pool is filled. */
  readonly backfill: boolean;
  /** Whether operators may watch the pool's rooms, of which the members are told. */
  readonly supervision: boolean;
  /** For how long history keeps what was said in the pool's rooms; 0: for ever; null: as long as all else. */
  readonly historyRetentionMs: number | null;
}

/** Settings of what is kept for longer than the state keeps it. */
export interface HistorySettings {
  /** `memory:`, or the address of a PostgreSQL with credentials. */
  readonly url: string;
  /** Whether migrations that are missing are applied at the start. */
  readonly migrate: boolean;
  /** By pool; `''` for named rooms and pools not listed; 0: for ever. */
  readonly retentionMs: ReadonlyMap<string, number>;
  /** Where the tables are in a PostgreSQL. */
  readonly schema: string;
  /** How many connections one instance holds there at most. */
  readonly connections: number;
}

/** Tenants behind one front. */
export interface TenancySettings {
  /** The file that lists them. */
  readonly file: string;
  /** What says whom a request is for: its path, or a claim of its token. */
  readonly from: 'path' | 'claim';
  /** How many there may be. */
  readonly max: number;
}

/** Settings of MCP Events. */
export interface EventsSettings {
  /** Secret that signs cursors and encrypts stored secrets; null: a random one for each process. */
  readonly key: string | null;
  readonly heartbeatMs: number;
  /** How long a client that polls should wait before it asks again. */
  readonly pollMs: number;
  /** The table of error codes for clients that do not declare the extension. */
  readonly errorCodes: 'sketch' | 'sep';
}

/** Settings of webhook subscriptions. */
export interface WebhookSettings {
  /** For development: the participant token that a subscriber shows will do in place of an authenticated principal. */
  readonly withoutAuth: boolean;
  readonly perParticipant: number;
  readonly total: number;
  /** How long a subscription lasts: unless the subscriber asks for something else, and within which bounds it may. */
  readonly ttlMs: number;
  readonly ttlMinMs: number;
  readonly ttlMaxMs: number;
  /** For one attempt, until the head of the response is there. */
  readonly timeoutMs: number;
  /** Outstanding deliveries of one subscription; what comes after them waits in the event log. */
  readonly backlog: number;
}

/** What Parley may connect to by itself, and how long and how much it listens there. */
export interface EgressSettings {
  /** For development: `http://127.0.0.1` and `http://[::1]` may be connected to as well, on any port. */
  readonly allowLoopback: boolean;
  readonly ports: readonly number[];
  /** For looking up the name, connecting and TLS together. */
  readonly connectTimeoutMs: number;
  /** For what comes after the head of a response. */
  readonly bodyTimeoutMs: number;
  readonly responseMaxBytes: number;
  /** Requests to one host, and connections to one address. */
  readonly hostRate: Rate;
  /** Requests under way to one host at a time. */
  readonly hostConnections: number;
  /** Requests under way at a time in all, and idle connections kept. */
  readonly connections: number;
}

/** The message queue that is told what happens. */
export interface MessageQueueSettings {
  readonly url: string;
  /** File that proves who the service is, in place of a user in the address. */
  readonly credentialsFile: string | null;
  /** Tells services apart whose events come together. */
  readonly namespace: string;
  /** What the subjects of all events begin with. */
  readonly subjects: string;
  readonly stream: string;
  /** What a stream that has to be made keeps; 0 lifts a bound. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly replicas: number;
  /** Whether what people write is told, or only that they wrote. */
  readonly messageText: boolean;
}

/** The whole configuration, read once, frozen. Times are milliseconds, sizes bytes unless the name says otherwise. */
export interface ParleyConfig {
  /** Whose service this is, where several are behind one front; null: nobody's in particular. */
  readonly tenant: string | null;
  /** What comes before every path of the service, as clients know them: empty, or e.g. `/t/acme`. */
  readonly path: string;
  /** The tenants whose front this is; null: there are none. */
  readonly tenancy: TenancySettings | null;
  readonly host: string;
  readonly port: number;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly auth: AuthSettings;
  readonly toolPrefix: string;
  /** Whether the page for people is served. */
  readonly webPage: boolean;
  /** Whether hosts are offered the chat window, and the tool that it polls with. */
  readonly mcpApp: boolean;
  readonly bodyMaxBytes: number;
  readonly messageMaxCharacters: number;
  readonly displayNameMaxCharacters: number;
  readonly attributesMaxBytes: number;
  readonly streamsPerParticipant: number;
  readonly waitsPerParticipant: number;
  readonly sessionsMax: number;
  readonly sessionIdleMs: number;
  /** Event streams open at this instance; 0 lifts the bound. */
  readonly streamsMax: number;
  readonly waitDefaultSeconds: number;
  readonly waitMaxSeconds: number;
  readonly waitProgressMs: number;
  readonly streamKeepaliveMs: number;
  readonly streamBufferBytes: number;
  readonly streamStallMs: number;
  /** How long an instance goes on after it was told to stop, so that everybody notices; less than `shutdownMs`. */
  readonly drainMs: number;
  readonly shutdownMs: number;
  /** Figures for operators, and the token that shows them from elsewhere than this machine; null: there are none. */
  readonly metrics: { readonly token: string | null } | null;
  /** The API of operators, and the token that opens it besides those of `AUTH_MODE`; null: there is none. */
  readonly admin: { readonly token: string | null } | null;
  /** Whether operators are served the console, if there is their API. */
  readonly console: boolean;
  readonly events: EventsSettings;
  /** How long one run of a strategy may take, in milliseconds. */
  readonly strategyBudgetMs: number;
  /** How many decisions of the matching engine are kept for operators. */
  readonly matchingDecisions: number;
  /** Where arrivals are recorded for simulations, without personal data; null: they are not. */
  readonly trace: { readonly file: string; readonly attributes: readonly string[] } | null;
  readonly moderation: ModerationSettings;
  readonly webhooks: WebhookSettings;
  readonly egress: EgressSettings;
  readonly state: StateLimits;
  /** Where several instances share the state, and what its keys begin with there; null: in the memory of this one. */
  readonly shared: { readonly url: string; readonly namespace: string } | null;
  /** Where the other instances reach this one; null: they do not. */
  readonly instanceUrl: string | null;
  /** How many requests at a time are passed on to other instances; 0 lifts the bound. */
  readonly forwardsMax: number;
  /** Where rooms and messages are kept for longer than the state keeps them; null: nowhere. */
  readonly history: HistorySettings | null;
  /** The message queue that is told what happens; null: none. */
  readonly messageQueue: MessageQueueSettings | null;
  /** By name; `default` is always among them. */
  readonly pools: ReadonlyMap<string, PoolSettings>;
}
export const ParleyConfig = Symbol.for('parley/Config');

/** Where a tenant's service is, seen from its front. */
export const tenantPath = (tenant: string) => `/t/${tenant}`;

/**
 * Reads and checks the configuration.
 * @param tenant whose service it is of, where each tenant has one
 * @throws ConfigurationError
 */
export function loadConfig(
  variables: Readonly<Record<string, string | undefined>>,
  tenant: string | null = null,
): ParleyConfig {
  const defaults = new Environment();
  const given = Object.fromEntries(
    Object.keys(defaults)
      .filter((name) => (variables[name] ?? '').trim() !== '')
      .map((name) => [name, variables[name]]),
  );
  const env = checked(Environment, given);
  const seconds = (value: number) => value * 1000;
  const pools = loadPools(env);
  const path = tenant === null ? '' : tenantPath(tenant);
  const namespace = namespaceOf(env, tenant);
  return Object.freeze({
    tenant,
    path,
    tenancy: tenant === null ? tenancySettings(env) : null,
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL as ParleyConfig['logLevel'],
    allowedHosts: env.ALLOWED_HOSTS,
    allowedOrigins: env.ALLOWED_ORIGINS,
    auth: authSettings(env, env.TENANT_FROM === 'path' ? path : ''),
    toolPrefix: env.TOOL_PREFIX,
    webPage: env.WEB_PAGE,
    mcpApp: env.MCP_APP,
    bodyMaxBytes: env.BODY_MAX_BYTES,
    messageMaxCharacters: env.MESSAGE_MAX_CHARACTERS,
    displayNameMaxCharacters: env.DISPLAY_NAME_MAX_CHARACTERS,
    attributesMaxBytes: env.ATTRIBUTES_MAX_BYTES,
    streamsPerParticipant: env.STREAMS_PER_PARTICIPANT,
    waitsPerParticipant: env.WAITS_PER_PARTICIPANT,
    sessionsMax: env.SESSIONS_MAX,
    sessionIdleMs: seconds(env.SESSION_IDLE_SECONDS),
    streamsMax: env.STREAMS_MAX,
    waitDefaultSeconds: env.WAIT_DEFAULT_SECONDS,
    waitMaxSeconds: env.WAIT_MAX_SECONDS,
    waitProgressMs: seconds(env.WAIT_PROGRESS_SECONDS),
    streamKeepaliveMs: seconds(env.STREAM_KEEPALIVE_SECONDS),
    streamBufferBytes: env.STREAM_BUFFER_BYTES,
    streamStallMs: seconds(env.STREAM_STALL_SECONDS),
    drainMs: seconds(drainSeconds(env)),
    shutdownMs: seconds(env.SHUTDOWN_SECONDS),
    metrics: env.METRICS ? Object.freeze({ token: env.METRICS_TOKEN === '' ? null : env.METRICS_TOKEN }) : null,
    admin: env.ADMIN ? Object.freeze({ token: env.ADMIN_TOKEN === '' ? null : env.ADMIN_TOKEN }) : null,
    console: env.CONSOLE,
    events: Object.freeze({
      key: eventsKey(env, tenant),
      heartbeatMs: seconds(env.EVENTS_HEARTBEAT_SECONDS),
      pollMs: seconds(env.EVENTS_POLL_SECONDS),
      errorCodes: env.EVENTS_ERROR_CODES as EventsSettings['errorCodes'],
    }),
    strategyBudgetMs: env.STRATEGY_BUDGET_MS,
    matchingDecisions: env.MATCHING_DECISIONS,
    trace: env.TRACE_FILE === '' ? null : { file: env.TRACE_FILE, attributes: env.TRACE_ATTRIBUTES },
    moderation: moderationSettings(env),
    webhooks: webhookSettings(env, variables['NODE_ENV'] === 'production'),
    egress: egressSettings(env, variables['NODE_ENV'] === 'production'),
    shared: env.STATE_URL === '' ? null : Object.freeze({ url: env.STATE_URL, namespace }),
    instanceUrl: instanceUrl(env),
    forwardsMax: env.FORWARDS_MAX,
    history: historySettings(env, pools, tenant),
    messageQueue: env.EVENTS_URL === '' ? null : messageQueueSettings(env, namespace, tenant),
    state: Object.freeze({
      outbox: { groups: outboxGroups(env), records: env.OUTBOX_RECORDS_MAX },
      participants: env.PARTICIPANTS_MAX,
      participantsPerPrincipal: env.PARTICIPANTS_PER_PRINCIPAL,
      ticketsPerParticipant: env.TICKETS_PER_PARTICIPANT,
      roomsPerParticipant: env.ROOMS_PER_PARTICIPANT,
      eventLogEntries: env.EVENT_LOG_ENTRIES,
      eventLogAgeMs: seconds(env.EVENT_LOG_HOURS * 3600),
      roomHistory: env.ROOM_HISTORY_MESSAGES,
      endedRooms: env.ENDED_ROOMS_MAX,
      endedRoomAgeMs: seconds(env.ENDED_ROOM_SECONDS),
      messageRate: { burst: env.MESSAGE_RATE_COUNT, perMs: seconds(env.MESSAGE_RATE_SECONDS) },
      joinRate: { burst: env.JOIN_RATE_COUNT, perMs: seconds(env.JOIN_RATE_SECONDS) },
      presenceMs: seconds(env.PRESENCE_TTL_SECONDS),
      graceMs: seconds(env.PRESENCE_GRACE_SECONDS),
      retentionMs: seconds(env.EVENT_LOG_HOURS * 3600),
    }),
    pools,
  });
}

function tenancySettings({ TENANTS_FILE, TENANT_FROM, TENANTS_MAX }: Environment): TenancySettings | null {
  if (TENANTS_FILE === '') return null;
  return Object.freeze({ file: TENANTS_FILE, from: TENANT_FROM as TenancySettings['from'], max: TENANTS_MAX });
}

/** No namespace has a `~` of its own, so no two tenants of any two services share one. */
const namespaceOf = ({ STATE_NAMESPACE: namespace }: Environment, tenant: string | null) =>
  tenant === null ? namespace : `${namespace}~${tenant}`;

/** What one tenant's key has signed means nothing to another one. */
function eventsKey({ EVENTS_KEY: key }: Environment, tenant: string | null): string | null {
  if (key === '') return null;
  return tenant === null ? key : createHmac('sha256', key).update(tenant).digest('base64url');
}

function messageQueueSettings(env: Environment, namespace: string, tenant: string | null): MessageQueueSettings {
  const stream = tenant === null ? env.EVENTS_STREAM : `${env.EVENTS_STREAM}~${tenant}`;
  return Object.freeze({
    url: env.EVENTS_URL,
    credentialsFile: env.EVENTS_CREDENTIALS_FILE === '' ? null : env.EVENTS_CREDENTIALS_FILE,
    namespace,
    subjects: `${env.EVENTS_SUBJECT_PREFIX}.${namespace}`,
    stream: env.EVENTS_STREAM === '' ? `parley-events-${namespace}` : stream,
    maxAgeMs: env.EVENTS_STREAM_HOURS * 3_600_000,
    maxBytes: env.EVENTS_STREAM_MEGABYTES * 1_000_000,
    replicas: env.EVENTS_STREAM_REPLICAS,
    messageText: env.EVENTS_MESSAGE_TEXT,
  });
}

/** Nobody goes to another instance where there is none. */
function drainSeconds({ STATE_URL, DRAIN_SECONDS, SHUTDOWN_SECONDS }: Environment): number {
  if (STATE_URL === '') return 0;
  if (DRAIN_SECONDS < SHUTDOWN_SECONDS) return DRAIN_SECONDS;
  throw new ConfigurationError('DRAIN_SECONDS must be below SHUTDOWN_SECONDS');
}

function instanceUrl({ STATE_URL, INSTANCE_URL }: Environment): string | null {
  if (INSTANCE_URL === '') return null;
  if (STATE_URL !== '') return new URL(INSTANCE_URL).origin;
  throw new ConfigurationError('INSTANCE_URL needs STATE_URL: without it every instance has a state of its own');
}

function historySettings(
  env: Environment,
  pools: ReadonlyMap<string, PoolSettings>,
  tenant: string | null,
): HistorySettings | null {
  if (env.HISTORY_URL === '') return null;
  if (env.HISTORY_URL === 'memory:' && env.STATE_URL !== '') {
    throw new ConfigurationError('HISTORY_URL must not be memory: with STATE_URL, which several instances share');
  }
  const retentionMs = new Map([['', env.HISTORY_RETENTION_DAYS * DAY_MS]]);
  for (const { name, historyRetentionMs } of pools.values()) {
    if (historyRetentionMs !== null) retentionMs.set(name, historyRetentionMs);
  }
  return Object.freeze({
    url: env.HISTORY_URL,
    migrate: env.HISTORY_MIGRATE,
    retentionMs,
    schema: tenant === null ? 'parley' : `parley_${tenant.replaceAll('-', '_')}`,
    connections: tenant === null ? HISTORY_CONNECTIONS : TENANT_HISTORY_CONNECTIONS,
  });
}

/** Who reads the outbox: nothing is written to it for nobody. */
function outboxGroups({ HISTORY_URL, EVENTS_URL }: Environment): readonly OutboxGroup[] {
  const groups: OutboxGroup[] = [];
  if (HISTORY_URL !== '') groups.push('history');
  if (EVENTS_URL !== '') groups.push('events');
  return groups;
}

function webhookSettings(env: Environment, production: boolean): WebhookSettings {
  if (env.WEBHOOKS_WITHOUT_AUTH && production) {
    throw new ConfigurationError('WEBHOOKS_WITHOUT_AUTH must be false when NODE_ENV is production');
  }
  if (env.WEBHOOKS_TTL_MIN_SECONDS > env.WEBHOOKS_TTL_MAX_SECONDS) {
    throw new ConfigurationError('WEBHOOKS_TTL_MIN_SECONDS must not be above WEBHOOKS_TTL_MAX_SECONDS');
  }
  return Object.freeze({
    withoutAuth: env.WEBHOOKS_WITHOUT_AUTH,
    perParticipant: env.WEBHOOKS_PER_PARTICIPANT,
    total: env.WEBHOOKS_MAX,
    ttlMs: env.WEBHOOKS_TTL_SECONDS * 1000,
    ttlMinMs: env.WEBHOOKS_TTL_MIN_SECONDS * 1000,
    ttlMaxMs: env.WEBHOOKS_TTL_MAX_SECONDS * 1000,
    timeoutMs: env.WEBHOOKS_TIMEOUT_SECONDS * 1000,
    backlog: env.WEBHOOKS_BACKLOG,
  });
}

function egressSettings(env: Environment, production: boolean): EgressSettings {
  if (env.WEBHOOKS_ALLOW_LOOPBACK && production) {
    throw new ConfigurationError('WEBHOOKS_ALLOW_LOOPBACK must be false when NODE_ENV is production');
  }
  return Object.freeze({
    allowLoopback: env.WEBHOOKS_ALLOW_LOOPBACK,
    ports: env.WEBHOOKS_PORTS,
    connectTimeoutMs: env.WEBHOOKS_CONNECT_TIMEOUT_MS,
    bodyTimeoutMs: env.WEBHOOKS_BODY_TIMEOUT_MS,
    responseMaxBytes: env.WEBHOOKS_RESPONSE_MAX_BYTES,
    hostRate: { burst: env.WEBHOOKS_HOST_RATE_COUNT, perMs: env.WEBHOOKS_HOST_RATE_SECONDS * 1000 },
    hostConnections: env.WEBHOOKS_HOST_CONNECTIONS,
    connections: env.WEBHOOKS_CONNECTIONS,
  });
}

function loadPools(env: Environment): ReadonlyMap<string, PoolSettings> {
  const matching: StrategySetting = {
    strategy: env.MATCHING_STRATEGY,
    options: parseOptions(env.MATCHING_OPTIONS),
    labels: { strategy: 'MATCHING_STRATEGY', options: 'MATCHING_OPTIONS' },
  };
  const pools = new Map<string, PoolSettings>();
  parsePools(env.POOLS).forEach((pool, index) => {
    if (pools.has(pool.name)) throw new ConfigurationError(`POOLS names the pool "${pool.name}" twice`);
    pools.set(pool.name, poolSettings(pool, `POOLS[${index}]`, matching, env));
  });
  if (pools.has('default')) return pools;
  const standard = Object.assign(new PoolEnvironment(), { name: 'default' });
  return new Map([['default', poolSettings(standard, '', matching, env)], ...pools]);
}

function poolSettings(pool: PoolEnvironment, path: string, matching: StrategySetting, env: Environment): PoolSettings {
  checkGroups(pool);
  return Object.freeze({
    name: pool.name,
    description: pool.description ?? '',
    minGroupSize: pool.min_group_size,
    maxGroupSize: pool.max_group_size,
    groupSizeMultiple: pool.group_size_multiple,
    groupPatienceMs: pool.group_patience_seconds === undefined ? null : pool.group_patience_seconds * 1000,
    ticketTtlMs: (pool.ticket_ttl_seconds ?? env.TICKET_TTL_SECONDS) * 1000,
    roomsPerParticipant: pool.rooms_per_participant,
    maxPartySize: pool.max_party_size,
    matching: strategyOf(pool, path, matching),
    fallback: pool.fallback as PoolSettings['fallback'],
    shadow: pool.shadow ? strategyOf(pool.shadow, `${path}.shadow`, matching) : null,
    cooldownMs: pool.cooldown_seconds * 1000,
    acceptMs: pool.accept_seconds * 1000,
    decliner: pool.decliner as DeclinerPolicy,
    backfill: pool.backfill,
    supervision: pool.supervision,
    historyRetentionMs: pool.history_retention_days === undefined ? null : pool.history_retention_days * DAY_MS,
  });
}

function checkGroups(pool: PoolEnvironment): void {
  const fail = (what: string) => new ConfigurationError(`POOLS: pool "${pool.name}" has a ${what}`);
  const { min_group_size: min, max_group_size: max, group_size_multiple: multiple } = pool;
  if (min > max) throw fail('min_group_size above its max_group_size');
  if (Math.floor(max / multiple) * multiple < min) {
    throw fail(`group_size_multiple of which no group size from ${min} to ${max} is a multiple`);
  }
  if (pool.max_party_size >= max) throw fail('max_party_size that leaves no seat for anybody else');
}

/** What a pool says itself; options alone are for the strategy of all pools. */
function strategyOf(
  { strategy, options }: { strategy?: string; options?: Record<string, unknown> },
  path: string,
  matching: StrategySetting,
): StrategySetting {
  if (strategy === undefined && options === undefined) return matching;
  return {
    strategy: strategy ?? matching.strategy,
    options: options ?? {},
    labels: {
      strategy: strategy === undefined ? 'MATCHING_STRATEGY' : `${path}.strategy`,
      options: `${path}.options`,
    },
  };
}

function parseOptions(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  const options = parseJson(text);
  if (!isObject(options)) throw new ConfigurationError('MATCHING_OPTIONS must be a JSON object, e.g. {"floor":2}');
  return options;
}

function parsePools(text: string): PoolEnvironment[] {
  if (text === '') return [];
  const list = parseJson(text);
  if (!Array.isArray(list) || !list.every(isObject)) {
    throw new ConfigurationError('POOLS must be a JSON array of pools, e.g. [{"name":"mentors"}]');
  }
  return list.map((item, index) => checked(PoolEnvironment, item, `POOLS[${index}]`));
}

/** Undefined when it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (item: unknown): item is Record<string, unknown> =>
  typeof item === 'object' && item !== null && !Array.isArray(item);
