import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, loadConfig, type ParleyConfig } from '../../src/config/index.js';
import { Environment } from '../../src/config/environment.js';

const defaults: Readonly<Record<string, unknown>> = { ...new Environment() };
const names = Object.keys(defaults);
const numbers = names.filter((name) => typeof defaults[name] === 'number');

function failure(variables: Record<string, string>): string {
  try {
    loadConfig(variables);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error(`accepted: ${JSON.stringify(variables)}`);
}

const poolsFailure = (...pools: unknown[]) => failure({ POOLS: JSON.stringify(pools) });

/** A pool nobody has said anything about. */
const plainPool = {
  name: 'default',
  description: '',
  minGroupSize: 2,
  maxGroupSize: 16,
  groupSizeMultiple: 1,
  groupPatienceMs: null,
  ticketTtlMs: 0,
  roomsPerParticipant: 1,
  maxPartySize: 1,
  matching: { strategy: '', options: {}, labels: { strategy: 'MATCHING_STRATEGY', options: 'MATCHING_OPTIONS' } },
  fallback: 'none',
  shadow: null,
  cooldownMs: 0,
  acceptMs: 0,
  decliner: 'remove',
  backfill: false,
  supervision: false,
  historyRetentionMs: null,
};

/** A configuration as data, so that two can be compared. */
const plain = ({ pools, ...rest }: ParleyConfig) => ({ ...rest, pools: [...pools.values()] });

describe('the configuration', () => {
  it('has a default for everything', () => {
    const config = loadConfig({});

    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      bodyMaxBytes: 262_144,
      messageMaxCharacters: 4_000,
      displayNameMaxCharacters: 64,
      streamsPerParticipant: 8,
      waitsPerParticipant: 4,
      waitDefaultSeconds: 25,
      state: {
        ticketsPerParticipant: 3,
        roomsPerParticipant: 20,
        eventLogEntries: 1_000,
        eventLogAgeMs: 86_400_000,
        roomHistory: 10_000,
        messageRate: { burst: 20, perMs: 10_000 },
        presenceMs: 90_000,
        graceMs: 30_000,
      },
    });
    expect(config).toMatchObject({ strategyBudgetMs: 50, matchingDecisions: 1_000, trace: null });
    expect([...config.pools.values()]).toEqual([plainPool]);
  });

  it.each(numbers)('refuses %s unless it is a whole number in its bounds, by name and without its value', (name) => {
    for (const value of ['x9x9x', '-987654', '987654321987', '98765.4321', 'NaN', 'true', '[98765]', '12 monkeys']) {
      const message = failure({ [name]: value });
      expect(message).toMatch(new RegExp(`^${name} must be a whole number from \\d+ to \\d+$`));
      expect(message).not.toContain(value);
    }
  });

  it.each([
    ['LOG_LEVEL', 'sup3rsecret', 'must be error, warn, info or debug'],
    ['TOOL_PREFIX', 'Sup3r Secret', 'must be at most 32 of a-z, 0-9, _ and -'],
    ['TOOL_PREFIX', 'x'.repeat(33), 'must be at most 32 of a-z, 0-9, _ and -'],
    ['POOLS', 'sup3rsecret', 'must be a JSON array of pools, e.g. [{"name":"mentors"}]'],
    ['MATCHING_OPTIONS', 'sup3rsecret', 'must be a JSON object, e.g. {"floor":2}'],
    ['MATCHING_OPTIONS', '["sup3rsecret"]', 'must be a JSON object, e.g. {"floor":2}'],
    ['MATCHING_OPTIONS', 'null', 'must be a JSON object, e.g. {"floor":2}'],
  ])('refuses a bad %s by name and without its value', (name, value, rule) => {
    expect(failure({ [name]: value })).toBe(`${name} ${rule}`);
  });

  it('names every variable that is wrong', () => {
    const message = failure({ PORT: 'x', LOG_LEVEL: 'y', WAIT_MAX_SECONDS: 'z' });
    for (const name of ['PORT', 'LOG_LEVEL', 'WAIT_MAX_SECONDS']) expect(message).toContain(`${name} must be`);
  });

  it('takes an empty or blank variable as not set', () => {
    for (const blank of ['', '   ', '\t']) {
      const blanks = Object.fromEntries(names.map((name) => [name, blank]));
      expect(plain(loadConfig(blanks))).toEqual(plain(loadConfig({})));
    }
  });

  it('reads what is set, in the units that the names say', () => {
    const config = loadConfig({
      PORT: '8080',
      ALLOWED_HOSTS: ' chat.example.org , other.example.org:8080,, ',
      MESSAGE_RATE_COUNT: '0',
      PRESENCE_TTL_SECONDS: '7',
      EVENT_LOG_HOURS: '2',
      TICKET_TTL_SECONDS: '60',
      STRATEGY_BUDGET_MS: '200',
      TRACE_FILE: 'trace.jsonl',
      TRACE_ATTRIBUTES: 'language, topic',
    });

    expect(config.strategyBudgetMs).toBe(200);
    expect(config.trace).toEqual({ file: 'trace.jsonl', attributes: ['language', 'topic'] });
    expect(config.port).toBe(8080);
    expect(config.allowedHosts).toEqual(['chat.example.org', 'other.example.org:8080']);
    expect(config.state.messageRate.burst).toBe(0);
    expect(config.state.presenceMs).toBe(7_000);
    expect(config.state.eventLogAgeMs).toBe(7_200_000);
    expect(config.pools.get('default')?.ticketTtlMs).toBe(60_000);
  });

  it('leaves variables alone that are not its own', () => {
    expect(plain(loadConfig({ PATH: '/bin', NODE_ENV: 'production' }))).toEqual(plain(loadConfig({})));
  });

  it('cannot be changed afterwards', () => {
    const config = loadConfig({}) as { port: number; state: { graceMs: number } };
    const pool = loadConfig({}).pools.get('default') as { backfill: boolean };
    expect(() => (config.port = 1)).toThrow(TypeError);
    expect(() => (config.state.graceMs = 1)).toThrow(TypeError);
    expect(() => (pool.backfill = true)).toThrow(TypeError);
  });
});

describe('moderation', () => {
  const MODERATION_SECRET = `whsec_${'c2VjcmV0'.repeat(4)}`;
  const webhook = { MODERATION_URL: 'https://judge.example/', MODERATION_SECRET, MODERATION_ON_FAILURE: 'open' };

  it('is off by default, and nobody may watch', () => {
    const { moderation, pools } = loadConfig({});
    expect(moderation).toMatchObject({ rulesFile: null, webhook: null, onFailure: 'closed', namedRooms: false });
    expect(pools.get('default')?.supervision).toBe(false);
    expect(loadConfig({ POOLS: '[{"name":"a","supervision":true}]' }).pools.get('a')?.supervision).toBe(true);
  });

  it('by a service wants a secret and a word about what happens while nobody answers', () => {
    expect(loadConfig(webhook).moderation).toMatchObject({
      webhook: { url: 'https://judge.example/', secret: MODERATION_SECRET },
      onFailure: 'open',
    });
    expect(failure({ ...webhook, MODERATION_SECRET: '' })).toBe('MODERATION_SECRET is required with MODERATION_URL');
    expect(failure({ ...webhook, MODERATION_ON_FAILURE: '' })).toMatch(
      /^MODERATION_ON_FAILURE is required with MODERATION_URL: open/,
    );
    expect(failure({ ...webhook, MODERATION_ON_FAILURE: 'ajar' })).toBe('MODERATION_ON_FAILURE must be open or closed');
    expect(failure({ ...webhook, MODERATION_SECRET: 'sup3rsecret' })).toBe(
      'MODERATION_SECRET must be whsec_ and 24 to 64 random bytes in base64',
    );
    expect(failure({ ...webhook, MODERATION_URL: 'http://judge.example/' })).toMatch(
      /^MODERATION_URL must be an https URL/,
    );
  });
});

describe('HISTORY_URL', () => {
  const DAY_MS = 86_400_000;
  const HISTORY_URL = 'postgres://parley:secret@db.example/parley';

  it('keeps messages for a year unless the operator or a pool says otherwise', () => {
    expect(loadConfig({}).history).toBeNull();
    const plainHistory = {
      url: HISTORY_URL,
      migrate: true,
      retentionMs: new Map([['', 365 * DAY_MS]]),
      schema: 'parley',
      connections: 5,
    };
    expect(loadConfig({ HISTORY_URL }).history).toEqual(plainHistory);
    const POOLS = '[{"name":"a","history_retention_days":7},{"name":"b","history_retention_days":0},{"name":"c"}]';
    const { history, state } = loadConfig({
      HISTORY_URL,
      HISTORY_RETENTION_DAYS: '30',
      HISTORY_MIGRATE: 'false',
      POOLS,
    });
    const retentionMs = new Map([
      ['', 30 * DAY_MS],
      ['a', 7 * DAY_MS],
      ['b', 0],
    ]);
    expect(history).toEqual({ ...plainHistory, migrate: false, retentionMs });
    expect(state.outbox.groups).toEqual(['history']);
  });

  it('is refused when it is none, or of this process alone while others share the state, and never repeated', () => {
    expect(() => loadConfig({ HISTORY_URL: 'mysql://root:secret@db' })).toThrow(
      /^HISTORY_URL must be empty, memory: or/,
    );
    expect(() => loadConfig({ HISTORY_URL: 'mysql://root:secret@db' })).not.toThrow(/secret/);
    const shared = { HISTORY_URL: 'memory:', STATE_URL: 'redis://localhost' };
    expect(() => loadConfig(shared)).toThrow('HISTORY_URL must not be memory: with STATE_URL');
  });
});

describe('POOLS', () => {
  it('adds pools to the default one, or says what the default one is like', () => {
    const { pools } = loadConfig({
      POOLS: JSON.stringify([
        { name: 'mentors', description: 'For advice', min_group_size: 2, max_group_size: 2, ticket_ttl_seconds: 30 },
        { name: 'default', rooms_per_participant: 0 },
      ]),
      TICKET_TTL_SECONDS: '60',
    });

    expect([...pools.keys()].sort()).toEqual(['default', 'mentors']);
    expect(pools.get('mentors')).toEqual({
      ...plainPool,
      name: 'mentors',
      description: 'For advice',
      minGroupSize: 2,
      maxGroupSize: 2,
      ticketTtlMs: 30_000,
    });
    expect(pools.get('default')).toMatchObject({ ticketTtlMs: 60_000, roomsPerParticipant: 0 });
  });

  it('must be a JSON array of objects', () => {
    for (const value of ['{"name":"a"}', '"a"', '7', 'null', '[null]', '["a"]', '[[]]', '[[{"name":"a"}]]', '[']) {
      expect(failure({ POOLS: value })).toMatch(/^POOLS must be a JSON array of pools/);
    }
  });

  it.each([
    [{}, 'POOLS[0].name must be 1 to 64 of a-z, 0-9, _ and -, starting with a letter or digit'],
    [{ name: 7 }, 'POOLS[0].name must be 1 to 64 of a-z, 0-9, _ and -, starting with a letter or digit'],
    [{ name: 'Not So' }, 'POOLS[0].name must be 1 to 64 of a-z, 0-9, _ and -, starting with a letter or digit'],
    [{ name: 'a', description: 5 }, 'POOLS[0].description must be text'],
    [{ name: 'a', description: null }, 'POOLS[0].description must be text'],
    [{ name: 'a', min_group_size: 1 }, 'POOLS[0].min_group_size must be a whole number from 2 to 16'],
    [{ name: 'a', min_group_size: '3' }, 'POOLS[0].min_group_size must be a whole number from 2 to 16'],
    [{ name: 'a', min_group_size: null }, 'POOLS[0].min_group_size must be a whole number from 2 to 16'],
    [{ name: 'a', max_group_size: 17 }, 'POOLS[0].max_group_size must be a whole number from 2 to 16'],
    [{ name: 'a', ticket_ttl_seconds: -1 }, 'POOLS[0].ticket_ttl_seconds must be a whole number from 0 to 2592000'],
    [{ name: 'a', rooms_per_participant: 0.5 }, 'POOLS[0].rooms_per_participant must be a whole number from 0 to 1000'],
    [{ name: 'a', colour: 'red' }, 'POOLS[0].colour is not a known setting'],
    [{ name: 'a', strategy: 7 }, 'POOLS[0].strategy must be the name of a strategy, a package or a file'],
    [{ name: 'a', options: [] }, 'POOLS[0].options must be an object'],
    [{ name: 'a', shadow: 'fifo' }, 'POOLS[0].shadow must be an object'],
    [{ name: 'a', shadow: [] }, 'POOLS[0].shadow must be an object'],
    [{ name: 'a', shadow: null }, 'POOLS[0].shadow must be an object'],
    [{ name: 'a', shadow: {} }, 'POOLS[0].shadow.strategy must be the name of a strategy, a package or a file'],
    [{ name: 'a', shadow: { strategy: 'fifo', pool: 'b' } }, 'POOLS[0].shadow.pool is not a known setting'],
    [{ name: 'a', fallback: 'lifo' }, 'POOLS[0].fallback must be fifo or none'],
    [{ name: 'a', decliner: 'scold' }, 'POOLS[0].decliner must be requeue or remove'],
    [{ name: 'a', backfill: 'false' }, 'POOLS[0].backfill must be true or false'],
    [{ name: 'a', accept_seconds: 3_601 }, 'POOLS[0].accept_seconds must be a whole number from 0 to 3600'],
    [{ name: 'a', cooldown_seconds: '5' }, 'POOLS[0].cooldown_seconds must be a whole number from 0 to 2592000'],
    [
      { name: 'a', min_group_size: 4, max_group_size: 5, group_size_multiple: 3 },
      'POOLS: pool "a" has a group_size_multiple of which no group size from 4 to 5 is a multiple',
    ],
    [
      { name: 'a', max_group_size: 4, max_party_size: 4 },
      'POOLS: pool "a" has a max_party_size that leaves no seat for anybody else',
    ],
    [
      { name: 'a', min_group_size: 5, max_group_size: 3 },
      'POOLS: pool "a" has a min_group_size above its max_group_size',
    ],
  ])('says of %j what is wrong', (pool, message) => {
    expect(poolsFailure(pool)).toBe(message);
  });

  it('says which of several is wrong, and which comes twice', () => {
    expect(poolsFailure({ name: 'a' }, { name: 'b', max_group_size: 1 })).toMatch(/^POOLS\[1\]\.max_group_size /);
    expect(poolsFailure({ name: 'a' }, { name: 'b' }, { name: 'a' })).toBe('POOLS names the pool "a" twice');
  });
});

describe('the strategies of pools', () => {
  const strategies = (variables: Record<string, string>) =>
    Object.fromEntries([...loadConfig(variables).pools].map(([name, { matching }]) => [name, matching]));

  it('is MATCHING_STRATEGY with MATCHING_OPTIONS where a pool says nothing', () => {
    const all = {
      strategy: 'affinity',
      options: { floor: 2 },
      labels: { strategy: 'MATCHING_STRATEGY', options: 'MATCHING_OPTIONS' },
    };
    expect(
      strategies({ MATCHING_STRATEGY: 'affinity', MATCHING_OPTIONS: '{"floor":2}', POOLS: '[{"name":"a"}]' }),
    ).toEqual({ default: all, a: all });
  });

  it('is a pool’s own with its own options, or that of all with its own options', () => {
    const POOLS = JSON.stringify([
      { name: 'a', strategy: './mine.js' },
      { name: 'b', options: { floor: 3 } },
    ]);
    expect(strategies({ MATCHING_STRATEGY: 'affinity', MATCHING_OPTIONS: '{"floor":2}', POOLS })).toMatchObject({
      a: { strategy: './mine.js', options: {}, labels: { strategy: 'POOLS[0].strategy', options: 'POOLS[0].options' } },
      b: {
        strategy: 'affinity',
        options: { floor: 3 },
        labels: { strategy: 'MATCHING_STRATEGY', options: 'POOLS[1].options' },
      },
    });
  });

  it('may have a shadow, which is named by its path', () => {
    const POOLS = JSON.stringify([{ name: 'default', shadow: { strategy: 'skills', options: { widen: true } } }]);
    expect(loadConfig({ POOLS }).pools.get('default')?.shadow).toEqual({
      strategy: 'skills',
      options: { widen: true },
      labels: { strategy: 'POOLS[0].shadow.strategy', options: 'POOLS[0].shadow.options' },
    });
  });
});

describe('.env.example', () => {
  const lines = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8').split('\n');
  const listed = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2));

  it('lists every variable once and nothing else', () => {
    expect(listed.map(([name]) => name).sort()).toEqual([...names].sort());
  });

  it('gives the defaults', () => {
    const asText = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value));
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(names.map((name) => [name, asText(defaults[name])])));
  });

  it('explains each variable in the line above it', () => {
    lines.forEach((line, i) => {
      if (/^[A-Z]/.test(line)) expect(lines[i - 1]).toMatch(/^# /);
    });
  });
});
