import { afterEach, describe, expect, it } from '@jest/globals';
import { identityOf } from '../../src/auth/claims.js';
import {
  ConfigurationError,
  frontConfig,
  loadConfig,
  loadTenants,
  type TenantSettings,
} from '../../src/config/index.js';
import { Environment } from '../../src/config/environment.js';
import { PER_TENANT } from '../../src/config/tenants.js';
import { tenantsFile } from '../support/tenants.js';

const remove: (() => void)[] = [];
afterEach(() => remove.splice(0).forEach((each) => each()));

function load(content: unknown, common: Record<string, string> = {}): readonly TenantSettings[] {
  const { file, remove: away } = tenantsFile(content);
  remove.push(away);
  const variables = { ...common, TENANTS_FILE: file };
  return loadTenants(loadConfig(variables).tenancy!, variables);
}

const ENGINES = {
  STATE_URL: 'redis://redis',
  HISTORY_URL: 'postgres://db/parley',
  EVENTS_URL: 'nats://nats',
  EVENTS_KEY: 'k'.repeat(32),
};

describe('the tenants of a file', () => {
  it('have what the environment says, and what they say themselves instead', () => {
    const [acme, globex] = load(
      [
        {
          name: 'acme',
          requests_per_second: 50,
          variables: {
            PARTICIPANTS_MAX: 10,
            POOLS: [{ name: 'mentors' }],
            WEB_PAGE: false,
            TRACE_ATTRIBUTES: ['a', 'b'],
          },
        },
        { name: 'globex' },
      ],
      { PARTICIPANTS_MAX: '1000', ROOMS_PER_PARTICIPANT: '7', TRACE_ATTRIBUTES: 'c' },
    );
    expect(acme).toMatchObject({
      name: 'acme',
      requestRate: { burst: 50, perMs: 1_000 },
      config: {
        tenant: 'acme',
        path: '/t/acme',
        tenancy: null,
        webPage: false,
        state: { participants: 10, roomsPerParticipant: 7 },
      },
    });
    expect([...acme!.config.pools.keys()]).toEqual(['default', 'mentors']);
    expect(acme!.variables['TRACE_ATTRIBUTES']).toBe('a,b');
    expect(globex).toMatchObject({
      requestRate: { burst: 0 },
      config: { webPage: true, state: { participants: 1_000, roomsPerParticipant: 7 } },
    });
  });

  it('share no name with each other in any engine, nor with a service that has no tenants', () => {
    const [ab, a] = load([{ name: 'a-b' }, { name: 'a' }], { ...ENGINES, STATE_NAMESPACE: 'x' });
    const names = ({ shared, history, messageQueue, events }: TenantSettings['config']) => ({
      namespace: shared?.namespace,
      schema: history?.schema,
      subjects: messageQueue?.subjects,
      stream: messageQueue?.stream,
      key: events.key,
    });
    expect(names(ab!.config)).toMatchObject({
      namespace: 'x~a-b',
      schema: 'parley_a_b',
      subjects: 'parley.x~a-b',
      stream: 'parley-events-x~a-b',
    });
    const others = [
      a!.config,
      loadConfig({ ...ENGINES, STATE_NAMESPACE: 'x-a' }),
      loadConfig({ ...ENGINES, STATE_NAMESPACE: 'x' }),
    ];
    for (const [name, value] of Object.entries(names(ab!.config))) {
      for (const other of others) expect([name, names(other)[name as 'schema']]).not.toEqual([name, value]);
    }
    const [one, two] = load([{ name: 'one' }, { name: 'two' }], { ...ENGINES, EVENTS_STREAM: 'EVENTS' });
    expect([one!.config.messageQueue?.stream, two!.config.messageQueue?.stream]).toEqual(['EVENTS~one', 'EVENTS~two']);
  });

  it.each([
    ['{}', 'TENANTS_FILE must hold a JSON list of tenants, e.g. [{"name": "acme"}]'],
    ['[]', 'TENANTS_FILE must hold a JSON list of tenants'],
    ['[{"name":"acme"}', 'TENANTS_FILE must hold a JSON list of tenants'],
    [['acme'], 'TENANTS_FILE must hold a JSON list of tenants'],
    [[{}], 'TENANTS_FILE[0].name must be 1 to 32 of a-z, 0-9 and -, starting and ending with a letter or digit'],
    [[{ name: 'Acme' }], 'TENANTS_FILE[0].name must be'],
    [[{ name: 'a_b' }], 'TENANTS_FILE[0].name must be'],
    [[{ name: '-a' }], 'TENANTS_FILE[0].name must be'],
    [[{ name: 'a'.repeat(33) }], 'TENANTS_FILE[0].name must be'],
    [[{ name: 'a', quota: 5 }], 'TENANTS_FILE[0].quota is not a known setting'],
    [[{ name: 'a', requests_per_second: 0 }], 'TENANTS_FILE[0].requests_per_second must be a whole number from 1 to'],
    [[{ name: 'a', variables: [] }], 'TENANTS_FILE[0].variables must be an object of variables'],
    [[{ name: 'a', variables: { PARTICIPANTS: 5 } }], 'TENANTS_FILE[0].variables.PARTICIPANTS is not a known setting'],
    [
      [{ name: 'a' }, { name: 'b', variables: { PORT: 5 } }],
      'TENANTS_FILE[1].variables.PORT is the same for all tenants: set it in the environment',
    ],
    [
      [{ name: 'a', variables: { AUTH_MODE: 'none' } }],
      'TENANTS_FILE[0].variables.AUTH_MODE is the same for all tenants',
    ],
    [
      [{ name: 'a', variables: { SESSIONS_MAX: 'many' } }],
      'tenant "a" (TENANTS_FILE): SESSIONS_MAX must be a whole number from 0 to 100000000',
    ],
    [
      [{ name: 'a', variables: { POOLS: [{ name: 'P' }] } }],
      'tenant "a" (TENANTS_FILE): POOLS[0].name must be 1 to 64 of a-z',
    ],
    [[{ name: 'a' }, { name: 'a' }], 'TENANTS_FILE: the tenant "a" is listed twice'],
    [
      [
        { name: 'a', variables: { TRACE_FILE: '/t' } },
        { name: 'b', variables: { TRACE_FILE: '/t' } },
      ],
      'TENANTS_FILE: the tenant "b" records into the TRACE_FILE of another one',
    ],
  ])('stop the start when the file holds %j', (content, message) => {
    expect(() => load(content)).toThrow(ConfigurationError);
    expect(() => load(content)).toThrow(message);
  });

  it('stop the start when there are more than there may be, or when the file is not there', () => {
    const three = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    expect(() => load(three, { TENANTS_MAX: '2' })).toThrow('TENANTS_FILE lists 3 tenants, and TENANTS_MAX lets in 2');
    const gone = { TENANTS_FILE: '/nowhere/tenants.json' };
    expect(() => loadTenants(loadConfig(gone).tenancy!, gone)).toThrow(/^TENANTS_FILE: ENOENT.*nowhere/);
  });

  it('do not record into one file', () => {
    expect(() => load([{ name: 'a' }], { TRACE_FILE: '/t' })).toThrow('TRACE_FILE must be a variable of each tenant');
  });

  it('may change a variable or not, as is said of each', () => {
    const shared = Object.keys(new Environment()).filter((name) => !PER_TENANT.has(name));
    expect([...PER_TENANT].filter((name) => !(name in new Environment()))).toEqual([]);
    expect(shared.sort()).toEqual(SHARED.sort());
  });
});

/** What is the same for all tenants. A new variable belongs here, or in `PER_TENANT`. */
const SHARED = [
  'HOST',
  'PORT',
  'LOG_LEVEL',
  'ALLOWED_HOSTS',
  'ALLOWED_ORIGINS',
  'PUBLIC_URL',
  'AUTH_MODE',
  'AUTH_NONE_ON_PUBLIC_ADDRESS',
  'AUTH_ISSUER',
  'AUTH_AUDIENCE',
  'AUTH_JWKS_URL',
  'AUTH_ALGORITHMS',
  'AUTH_CLOCK_SKEW_SECONDS',
  'AUTH_JWKS_CACHE_SECONDS',
  'AUTH_JWKS_COOLDOWN_SECONDS',
  'AUTH_INTROSPECTION_URL',
  'AUTH_CLIENT_ID',
  'AUTH_CLIENT_SECRET',
  'AUTH_TIMEOUT_MS',
  'AUTH_CACHE_SECONDS',
  'AUTH_CACHE_TOKENS',
  'AUTH_CLAIMS',
  'AUTH_DISPLAY_NAME_CLAIM',
  'AUTH_TENANT_CLAIM',
  'API_KEYS_FILE',
  'TENANTS_FILE',
  'TENANT_FROM',
  'TENANTS_MAX',
  'STATE_URL',
  'STATE_NAMESPACE',
  'INSTANCE_URL',
  'FORWARDS_MAX',
  'HISTORY_URL',
  'HISTORY_MIGRATE',
  'EVENTS_URL',
  'EVENTS_CREDENTIALS_FILE',
  'EVENTS_SUBJECT_PREFIX',
  'EVENTS_STREAM_REPLICAS',
  'EVENTS_HEARTBEAT_SECONDS',
  'WAIT_PROGRESS_SECONDS',
  'STREAM_KEEPALIVE_SECONDS',
  'STREAM_BUFFER_BYTES',
  'STREAM_STALL_SECONDS',
  'WEBHOOKS_WITHOUT_AUTH',
  'WEBHOOKS_ALLOW_LOOPBACK',
  'WEBHOOKS_PORTS',
  'WEBHOOKS_CONNECT_TIMEOUT_MS',
  'WEBHOOKS_BODY_TIMEOUT_MS',
  'WEBHOOKS_RESPONSE_MAX_BYTES',
  'DRAIN_SECONDS',
  'SHUTDOWN_SECONDS',
  'METRICS',
];

describe('the tenant of a token', () => {
  const JWT = {
    AUTH_MODE: 'jwt',
    PUBLIC_URL: 'https://p.example',
    AUTH_ISSUER: 'https://id.example',
    AUTH_JWKS_URL: 'https://id.example/jwks',
  };
  const [ACME, GLOBEX] = ['https://p.example/t/acme/mcp', 'https://p.example/t/globex/mcp'];
  const tenantOf = (claims: object, common: Record<string, string> = {}) => {
    const variables = { ...JWT, ...common };
    const tenants = load([{ name: 'acme' }, { name: 'globex' }], variables);
    const config = { ...loadConfig(variables), tenancy: { file: '', from: common['TENANT_FROM'] ?? 'path', max: 50 } };
    const { auth } = frontConfig(config as Parameters<typeof frontConfig>[0], tenants);
    const found = identityOf({ sub: 'ann', ...claims }, auth);
    return 'refused' in found ? found : found.tenant;
  };

  it.each([
    [{ aud: ACME }, 'acme'],
    [{ aud: [ACME, 'elsewhere'] }, 'acme'],
    [{ aud: ACME, tenant: 'acme' }, 'acme'],
    [{ aud: [ACME, GLOBEX], tenant: 'globex' }, 'globex'],
    [{ aud: [ACME, GLOBEX] }, undefined],
    [{ aud: ACME, tenant: 'globex' }, undefined],
    [{ aud: ACME, tenant: ['acme'] }, undefined],
    [{ aud: 'https://p.example/mcp', tenant: 'acme' }, undefined],
    [{}, undefined],
  ])('is what its audience and, where there is one, its claim say: %j', (claims, tenant) => {
    expect(tenantOf(claims)).toBe(tenant);
  });

  it('is what the claim says where all tenants have one audience', () => {
    const common = { AUTH_AUDIENCE: 'api://parley', AUTH_TENANT_CLAIM: 'org.name' };
    expect(tenantOf({ aud: 'api://parley', org: { name: 'acme' } }, common)).toBe('acme');
    expect(tenantOf({ aud: 'api://parley', tenant: 'acme' }, common)).toBeUndefined();
    expect(tenantOf({ tenant: 'acme' }, { TENANT_FROM: 'claim' })).toBe('acme');
    expect(tenantOf({ aud: ACME }, { TENANT_FROM: 'claim' })).toBeUndefined();
  });
});
