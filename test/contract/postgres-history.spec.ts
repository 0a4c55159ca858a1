import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PostgresHistoryStore } from '../../src/adapters/postgres/postgres-history-store.js';
import { HistoryScene } from '../../src/testing/history-store/scene.js';
import { TestPostgres } from '../support/postgres.js';
import { describeWith } from '../support/programs.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;

describeWith(['initdb'], 'what PostgreSQL holds', (program) => {
  let postgres: TestPostgres;
  let url: string;
  let scene: HistoryScene;
  const stores: PostgresHistoryStore[] = [];

  const open = async () => {
    const store = await PostgresHistoryStore.open({ url, migrate: true });
    stores.push(store);
    return store;
  };
  const query = (text: string) => postgres.query(text, url);
  const partitions = async () => {
    const rows = await query(`select inhrelid::regclass::text as name from pg_inherits
      where inhparent = 'parley.messages'::regclass order by 1`);
    return rows.map(({ name }) => String(name).replace(/^.*messages_/, ''));
  };
  const at = (time: string) => scene.clock.advance(Date.parse(time) - scene.now);

  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await TestPostgres.start(program);
  }, 120_000);
  beforeEach(async () => {
    url = await postgres.database();
    scene = await HistoryScene.with(open);
  });
  afterEach(async () => {
    postgres.wake();
    jest.restoreAllMocks();
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });
  afterAll(() => postgres.stop());

  it('tells rooms, members, matches with their reasons, and what became of tickets', async () => {
    at('2026-11-22T10:00:00.000Z');
    scene.record('ticket.created', { ticket_id: 't1', pool: 'mentors', user_ids: ['ann'], priority: 0.5 });
    scene.record('ticket.created', { ticket_id: 't2', pool: 'mentors', user_ids: ['ben', 'cat'], priority: 0 });
    scene.record('ticket.matched', { ticket_id: 't1', pool: 'mentors', room_id: 'room', waited_ms: 1_500 });
    scene.record('ticket.expired', { ticket_id: 't2', pool: 'mentors', reason: 'ticket_ttl' });
    scene.open('room', ['ann', 'ben'], { pool: 'mentors' });
    scene.chat('room', 'ann', 3);
    scene.leave('room', 'ben');
    scene.close('room');
    await scene.append();
    expect(
      await query('select ticket_id, user_ids, priority, outcome, reason, waited_ms from parley.tickets order by 1'),
    ).toEqual([
      { ticket_id: 't1', user_ids: ['ann'], priority: 0.5, outcome: 'matched', reason: null, waited_ms: '1500' },
      {
        ticket_id: 't2',
        user_ids: ['ben', 'cat'],
        priority: 0,
        outcome: 'expired',
        reason: 'ticket_ttl',
        waited_ms: null,
      },
    ]);
    expect(
      await query('select kind, name, capacity, opened_at, closed_at, close_reason, last_seq from parley.rooms'),
    ).toEqual([
      {
        kind: 'match',
        name: 'mentors',
        capacity: 2,
        opened_at: new Date('2026-11-22T10:00:00.000Z'),
        closed_at: new Date('2026-11-22T10:00:03.000Z'),
        close_reason: 'partner_left',
        last_seq: '3',
      },
    ]);
    expect(await query('select user_id, after_seq, last_seq, left_reason from parley.members order by 1')).toEqual([
      { user_id: 'ann', after_seq: '0', last_seq: null, left_reason: null },
      { user_id: 'ben', after_seq: '0', last_seq: '3', left_reason: 'left' },
    ]);
    expect(await query('select pool, user_ids, ticket_ids, reasons from parley.matches')).toEqual([
      {
        pool: 'mentors',
        user_ids: ['ann', 'ben'],
        ticket_ids: ['ticket-of-ann', 'ticket-of-ben'],
        reasons: [{ code: 'seniority', text: 'of ann and ben' }],
      },
    ]);
  });

  describe('months', () => {
    it('are made as messages come, and one ahead', async () => {
      at('2026-10-31T23:59:59.500Z');
      scene.open('room', ['ann', 'ben']);
      scene.chat('room', 'ann', 2);
      await scene.append();
      expect(await partitions()).toEqual(['2026_10', '2026_11']);
      at('2026-12-15T00:00:00.000Z');
      await scene.store.prune(new Map([['', 0]]), scene.now);
      expect(await partitions()).toEqual(['2026_10', '2026_11', '2026_12', '2027_01']);
    });

    it('are dropped whole once nothing in them may be kept, and made again for what comes late', async () => {
      at('2026-01-10T00:00:00.000Z');
      scene.open('room', ['ann', 'ben']);
      scene.chat('room', 'ann', 2);
      at('2026-03-10T00:00:00.000Z');
      scene.chat('room', 'ann', 2);
      await scene.append();
      at('2026-03-20T00:00:00.000Z');
      // The other has seen the month, too, and does not know that it is gone.
      const other = await open();
      await other.append(scene.records);
      const retention = new Map([
        ['', 30 * DAY_MS],
        ['short', DAY_MS],
      ]);
      expect(await scene.store.prune(retention, scene.now)).toBe(2);
      expect(await partitions()).toEqual(['2026_03', '2026_04']);
      await other.append(scene.records);
      expect(await partitions()).toEqual(['2026_01', '2026_03', '2026_04']);
      expect(
        await scene.store.prune(
          new Map([
            ['', 0],
            ['short', DAY_MS],
          ]),
          scene.now,
        ),
      ).toBe(0);
      expect((await scene.page('ben', 'room'))?.seqs).toEqual([1, 2, 3, 4]);
    });
  });

  it('lets go of rooms, members, matches and tickets with what was said there', async () => {
    scene.record('ticket.created', { ticket_id: 't1', pool: 'default', user_ids: ['ann'], priority: 0 });
    scene.open('ended', ['ann', 'ben']);
    scene.chat('ended', 'ann', 2);
    scene.close('ended');
    scene.open('abandoned', ['ann', 'ben']);
    scene.chat('abandoned', 'ann', 2);
    await scene.append();
    scene.clock.advance(10 * DAY_MS);
    const retention = new Map([['', 5 * DAY_MS]]);
    expect(await scene.store.prune(retention, scene.now)).toBe(4);
    expect(await query('select room_id from parley.rooms')).toEqual([{ room_id: 'abandoned' }]);
    expect(await query('select distinct room_id from parley.members')).toEqual([{ room_id: 'abandoned' }]);
    expect(await query('select ticket_id from parley.tickets')).toEqual([]);
    scene.clock.advance(30 * DAY_MS);
    await scene.store.prune(retention, scene.now);
    for (const table of ['rooms', 'members', 'matches', 'messages'])
      expect(await query(`select * from parley.${table}`)).toEqual([]);
  });

  it('leaves out a record that it cannot hold, and says which, rather than everything after it', async () => {
    const said = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', 'one', 'two', 'th\0ree', 'four');
    await scene.append();
    expect((await scene.page('ben', 'room'))?.seqs).toEqual([1, 2, 4]);
    const msg = 'PostgreSQL refuses a record; it is left out';
    expect(said.mock.calls.map(([line]) => line as unknown)).toEqual([
      { msg, record: 'r4', kind: 'message.sent', sqlstate: '22021' },
    ]);
  });

  it('takes messages of any length, of which the beginning is searched', async () => {
    scene.open('room', ['ann', 'ben']);
    const words = Array.from({ length: 150_000 }, (_, index) => `w${index}`).join(' ');
    scene.say('room', 'ann', words, '😀'.repeat(500_000), 'x'.repeat(1_000_000));
    await scene.append();
    expect((await scene.texts('ben', 'room'))?.map((text) => text.length)).toEqual([
      words.length,
      1_000_000,
      1_000_000,
    ]);
    expect(await scene.found('ben', 'w17 w4')).toHaveLength(1);
  });

  it('is refused within seconds while it does not answer, and used again once it does', async () => {
    scene.open('room', ['ann', 'ben']);
    scene.chat('room', 'ann', 2);
    await scene.append();
    postgres.freeze();
    const begun = performance.now();
    await expect(scene.page('ben', 'room')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    // Nobody else waits as long.
    const refused = performance.now();
    await expect(scene.page('ben', 'room')).rejects.toMatchObject({ code: 'unavailable' });
    expect(performance.now() - refused).toBeLessThan(refused - begun);
    postgres.wake();
    const back = await until('an answer', () => scene.page('ben', 'room').catch(() => undefined));
    expect(back.seqs).toEqual([1, 2]);
  });
});
