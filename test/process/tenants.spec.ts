import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pairUp, say, SessionPeer, StatelessPeer, structured } from '../e2e/http/wire.js';
import { TestNats } from '../support/nats.js';
import { TestPostgres } from '../support/postgres.js';
import { describeWith } from '../support/programs.js';
import { freePort, TestRedis } from '../support/redis.js';
import { ALIKE, tenantsFile } from '../support/tenants.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(120_000);

const processes: ServiceProcess[] = [];
const file = tenantsFile(ALIKE);
const TENANTS = { TENANTS_FILE: file.file };

afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.end()));
});
afterAll(() => file.remove());

const run = (environment: Record<string, string>, ...args: string[]) => {
  const command = ServiceProcess.run({ ...TENANTS, ...environment }, 'dist/cli/parley.js', ...args);
  processes.push(command);
  return command;
};
const start = async (environment: Record<string, string> = {}) => {
  const service = await ServiceProcess.start({ ...TENANTS, ...environment });
  processes.push(service);
  return { service, at: (tenant: string) => new URL(`/t/${tenant}/mcp`, addressOf(service)) };
};
const addressOf = ({ stderr }: ServiceProcess) => /http:\/\/\S+?(?=\/t\/)/.exec(stderr)![0];

describe('a service with tenants', () => {
  it('says where they are, names them in its log, and stops properly', async () => {
    const { service, at } = await start();
    expect(service.stderr).toContain(`Parley serves MCP to 2 tenants at ${at('acme').href}, ${at('globex').href}\n`);
    for (const tenant of ['acme', 'globex']) {
      await pairUp(new StatelessPeer(at(tenant)), new StatelessPeer(at(tenant)));
    }
    const opened = () => service.log.filter(({ context }) => context === 'Chat') as unknown as { tenant?: string }[];
    await until('both rooms to be logged', () => opened().length >= 2);
    expect(new Set(opened().map(({ tenant }) => tenant))).toEqual(new Set(['acme', 'globex']));
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
  });

  it('does not start on a file that is wrong, and says in one line what is', async () => {
    const wrong = tenantsFile([{ name: 'acme', variables: { STATE_URL: 'redis://root:secret@redis' } }]);
    try {
      const service = ServiceProcess.run({ TENANTS_FILE: wrong.file });
      processes.push(service);
      expect(await service.exited).toBe(1);
      expect(service.stderr).toBe(
        'Configuration: TENANTS_FILE[0].variables.STATE_URL is the same for all tenants: set it in the environment\n',
      );
    } finally {
      wrong.remove();
    }
  });
});

describeWith(['redis-server'], 'tenants of two instances', (program) => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await TestRedis.start(program);
  });
  afterAll(() => redis?.stop());

  const instance = async () => {
    const PORT = `${await freePort()}`;
    return start({ STATE_URL: redis.url, PORT, INSTANCE_URL: `http://127.0.0.1:${PORT}`, DRAIN_SECONDS: '0' });
  };

  it('meet across them, and their sessions are found from either, those of the other tenant from neither', async () => {
    const [one, two] = [await instance(), await instance()];
    const { roomId, first, second } = await pairUp(
      new StatelessPeer(one.at('acme')),
      new StatelessPeer(two.at('acme')),
    );
    await say(new StatelessPeer(one.at('acme')), first, roomId, 'hello over there');
    const args = { participant_token: second.token, cursor: second.cursor, timeout_seconds: 20 };
    await until('the message', async () => {
      const heard = await new StatelessPeer(two.at('acme')).call('wait_for_message', args);
      return JSON.stringify(structured(heard)).includes('hello over there');
    });
    const session = await SessionPeer.open(one.at('acme'));
    expect((await session.at(two.at('acme')).rpc('tools/list')).status).toBe(200);
    for (const { at } of [one, two]) {
      expect((await session.at(at('globex')).rpc('tools/list')).status).toBe(404);
    }
  });
});

describeWith(['initdb'], 'tenants with a history', (program) => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await TestPostgres.start(program);
  }, 120_000);
  afterAll(() => postgres?.stop());

  it('keep it in a schema each, which parley migrate makes and parley forget looks into', async () => {
    const HISTORY_URL = await postgres.database();
    const migrated = run({ HISTORY_URL }, 'migrate');
    expect(await migrated.exited).toBe(0);
    const lines = migrated.stdout.trim().split('\n');
    expect(lines.filter((line) => line.startsWith('acme: '))).toEqual(
      lines.filter((line) => line.startsWith('globex: ')).map((line) => line.replace('globex', 'acme')),
    );
    expect(lines).toContain('acme: 0001-history: applied');

    const { at } = await start({ HISTORY_URL, HISTORY_MIGRATE: 'false' });
    const people: Record<string, string> = {};
    for (const tenant of ['acme', 'globex']) {
      const peer = new StatelessPeer(at(tenant));
      const { roomId, first } = await pairUp(peer, peer);
      await say(peer, first, roomId, `said at ${tenant}`);
      people[tenant] = first.userId;
    }
    const said = async (tenant: string) =>
      (await postgres.query(`select text from parley_${tenant}.messages`, HISTORY_URL)).map(({ text }) => text);
    await until(
      'what was said to be kept',
      async () => (await said('acme')).length + (await said('globex')).length === 2,
    );
    expect([await said('acme'), await said('globex')]).toEqual([['said at acme'], ['said at globex']]);
    const schemas = await postgres.query(
      `select nspname as name from pg_namespace where nspname like 'parley%' order by 1`,
      HISTORY_URL,
    );
    expect(schemas.map(({ name }) => name)).toEqual(['parley_acme', 'parley_globex']);
    const own = structured(await new StatelessPeer(at('globex')).call('enter_queue'));
    const found = await new StatelessPeer(at('globex')).call('search_messages', {
      participant_token: own['participant_token'],
      query: 'said',
    });
    expect(structured(found)['messages']).toEqual([]);

    const whose = run({ HISTORY_URL }, 'forget', people['acme']!);
    expect([await whose.exited, whose.stderr]).toEqual([
      2,
      'parley forget: --tenant must be one of acme, globex\nSee parley forget --help\n',
    ]);
    for (const tenant of ['globex', 'acme']) {
      expect(await run({ HISTORY_URL }, 'forget', '--tenant', tenant, people['acme']!).exited).toBe(0);
    }
    expect([await said('acme'), await said('globex')]).toEqual([[], ['said at globex']]);
  });
});

describeWith(['nats-server'], 'tenants with a message queue', (program) => {
  let nats: TestNats;
  beforeAll(async () => {
    nats = await TestNats.start(program);
  }, 60_000);
  afterAll(() => nats?.stop());

  it('tell it each under subjects and in a stream of their own', async () => {
    const { at } = await start({ EVENTS_URL: nats.url });
    for (const tenant of ['acme', 'globex']) await pairUp(new StatelessPeer(at(tenant)), new StatelessPeer(at(tenant)));
    for (const tenant of ['acme', 'globex']) {
      const stored = await until(`events of ${tenant}`, async () => {
        const found = await nats.stored(`parley-events-parley~${tenant}`);
        return found.some(({ subject }) => subject.endsWith('room.opened')) && found;
      });
      expect(stored.filter(({ subject }) => !subject.startsWith(`parley.parley~${tenant}.`))).toEqual([]);
    }
  });
});
