import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { ClientPool, connectV2 } from '../support/clients.js';
import { TestPostgres } from '../support/postgres.js';
import { describeWith } from '../support/programs.js';
import { freePort, TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

const PARLEY = 'dist/cli/parley.js';

describeWith(['initdb'], 'a history in PostgreSQL', (program) => {
  const clients = new ClientPool();
  const services: ServiceProcess[] = [];
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await TestPostgres.start(program);
  }, 120_000);
  afterEach(async () => {
    await clients.closeAll();
    await Promise.all(services.splice(0).map((service) => service.end()));
  });
  afterAll(() => postgres.stop());

  const run = async (environment: Record<string, string>, ...args: string[]) => {
    const command = ServiceProcess.run(environment, PARLEY, ...args);
    const code = await command.exited;
    return { code, stdout: command.stdout.trim(), stderr: command.stderr.trim() };
  };
  const start = async (environment: Record<string, string>) => {
    const service = await ServiceProcess.start({ LOG_LEVEL: 'warn', ...environment });
    services.push(service);
    return service;
  };
  const countOf = async (table: string, url: string) => {
    const [row] = await postgres.query(`select count(*)::int as count from parley.${table}`, url);
    return row!['count'];
  };

  it('is migrated by hand: asked first, done once, by one of those who begin at once', async () => {
    const HISTORY_URL = await postgres.database();
    const dry = await run({ HISTORY_URL }, 'migrate', '--dry-run');
    expect(dry).toEqual({ code: 0, stdout: '0001-history: missing, would be applied', stderr: '' });
    const refused = await run({ HISTORY_URL, HISTORY_MIGRATE: 'false' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      `Start failed: HISTORY_URL: PostgreSQL at 127.0.0.1:${postgres.port}/test_1 cannot be used (the schema lacks ` +
        '0001-history: run parley migrate, or set HISTORY_MIGRATE=true)',
    );
    const all = await Promise.all([1, 2, 3].map(() => run({ HISTORY_URL }, 'migrate')));
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(all.filter(({ stdout }) => stdout === '0001-history: applied')).toHaveLength(1);
    expect(all.filter(({ stdout }) => stdout === '0001-history: there\nNothing to do.')).toHaveLength(2);
    await start({ HISTORY_URL, HISTORY_MIGRATE: 'false' });
  });

  it('is migrated by services that start at once', async () => {
    const HISTORY_URL = await postgres.database();
    const started = await Promise.all([1, 2, 3].map(() => start({ HISTORY_URL })));
    expect(started.flatMap(({ complaints }) => complaints)).toEqual([]);
    expect(await countOf('migrations', HISTORY_URL)).toBe(1);
  });

  it('stops the start where a migration is not what it was', async () => {
    const HISTORY_URL = await postgres.database();
    await run({ HISTORY_URL }, 'migrate');
    await postgres.query(`update parley.migrations set checksum = 'other'`, HISTORY_URL);
    const { code, stderr } = await run({ HISTORY_URL });
    expect(code).toBe(1);
    expect(stderr).toContain('the migration 0001-history was applied in another form than this version has it');
  });

  it('forgets somebody on request, and says what was deleted', async () => {
    const HISTORY_URL = await postgres.database();
    const service = await start({ HISTORY_URL });
    const ann = await clients.add(connectV2(service.url));
    const ben = await clients.add(connectV2(service.url));
    await ann.enter({ display_name: 'Ann' });
    const { room_id } = await ben.enter({ display_name: 'Ben' });
    for (const text of ['one', 'two', 'three']) await ann.say(room_id, text);
    await ben.say(room_id, 'four');
    await until('history', async () => (await countOf('messages', HISTORY_URL)) === 4);

    const restart = 'State: in the memory of the service; restart it to delete what it holds';
    const forgotten = await run({ HISTORY_URL }, 'forget', ann.userId);
    expect(forgotten).toEqual({ code: 0, stdout: `${restart}\nHistory: forgotten`, stderr: '' });
    const left = await postgres.query('select text from parley.messages', HISTORY_URL);
    expect(left).toEqual([{ text: 'four' }]);
    const [match] = await postgres.query('select user_ids, reasons from parley.matches', HISTORY_URL);
    expect(match).toEqual({ user_ids: [ben.userId], reasons: [] });
    expect((await postgres.query('select user_ids from parley.tickets order by 1', HISTORY_URL))[0]).toEqual({
      user_ids: [],
    });
  });

  it('names in one line what is wrong with a command', async () => {
    const HISTORY_URL = await postgres.database();
    const lacking = await run({ HISTORY_URL }, 'forget', 'somebody');
    expect(lacking.code).toBe(1);
    expect(lacking.stderr).toMatch(
      /^parley forget: HISTORY_URL: .* \(the schema lacks 0001-history: run parley migrate/,
    );
    expect(await run({}, 'forget', 'somebody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('restart it'),
    });
    expect(await run({ HISTORY_URL }, 'forget')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('one user_id'),
    });
    expect(await run({}, 'migrate')).toMatchObject({ code: 2, stderr: expect.stringContaining('HISTORY_URL must be') });
    expect(await run({ HISTORY_URL: 'x' }, 'migrate')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('parley migrate: Configuration: HISTORY_URL must be'),
    });
    expect(await run({}, 'migrate', '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--dry-run') });
  });

  it('stops the start while it cannot be reached, in one line without credentials', async () => {
    const port = await freePort();
    const away = await run({ HISTORY_URL: `postgres://parley:secret@127.0.0.1:${port}/parley` });
    expect(away.code).toBe(1);
    expect(away.stderr).toBe(
      `Start failed: HISTORY_URL: PostgreSQL at 127.0.0.1:${port}/parley cannot be reached (ECONNREFUSED)`,
    );
    const nowhere = await run({ HISTORY_URL: postgres.url('nowhere') });
    expect(nowhere.stderr).toMatch(/^Start failed: HISTORY_URL: .*\/nowhere cannot be reached \(no such database\)$/);
  });

  describeWith(['redis-server'], 'with the state in Redis', (redisServer) => {
    it('lacks nothing when an instance is killed in the middle, and forgets in both', async () => {
      const redis = await TestRedis.start(redisServer);
      try {
        const HISTORY_URL = await postgres.database();
        const environment = { HISTORY_URL, STATE_URL: redis.url, MESSAGE_RATE_COUNT: '0' };
        const [here, there] = [await start(environment), await start(environment)];
        const ann = await clients.add(connectV2(there.url));
        const ben = await clients.add(connectV2(there.url));
        await ann.enter({ display_name: 'Ann' });
        const { room_id } = await ben.enter({ display_name: 'Ben' });
        for (let i = 1; i <= 60; i++) {
          await (i % 2 ? ann : ben).say(room_id, `message ${i}`);
          if (i === 30) here.kill('SIGKILL');
        }
        // A batch that the killed instance had taken is given to another when its lease is over.
        await until('history', async () => (await countOf('messages', HISTORY_URL)) === 60);
        const seqs = await postgres.query('select seq::int from parley.messages order by sent_at, seq', HISTORY_URL);
        expect(seqs.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));

        await ben.ok('report_participant', { room_id, user_id: ann.userId, reason: 'rude' });
        const [evidence] = await redis.control.keys('{parley}:cases:m:*');
        const said = async () => (await redis.control.lrange(evidence!, 0, -1)).filter((it) => it.includes('Ann'));
        expect(await said()).toHaveLength(10);

        const forgotten = await run(environment, 'forget', ann.userId);
        expect(await said()).toEqual([]);
        expect(forgotten.stdout).toBe('State: forgotten\nHistory: forgotten');
        expect(await ann.refused('get_status')).toMatchObject({ code: 'participant_not_found' });
        const again = await run(environment, 'forget', ann.userId);
        expect(again.stdout).toBe('State: not known there any more\nHistory: forgotten');
        expect(await countOf('messages', HISTORY_URL)).toBe(30);
      } finally {
        await redis.stop();
      }
    }, 180_000);
  });
});
