import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FiguresService, type FigureSeries, type FigureTable } from '../../src/figures/index.js';
import { StateStore } from '../../src/ports/state-store.js';
import { ClientPool, connectV1, connectV2 } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const ADMIN_TOKEN = 'so-that-there-is-somebody-who-reads-figures';
const INTERVAL_MS = 10_000;
/** Ends of intervals that all instances have told of. */
const START = (Math.floor(Date.now() / INTERVAL_MS) - 10) * INTERVAL_MS;
const at = (n: number) => START + n * INTERVAL_MS;

const figuresOf = ({ app }: TestServer) => app.get(FiguresService, { strict: false });
const keyOf = ({ name, of }: FigureSeries) => (of === null ? name : `${name}/${of}`);
/** How often each thing happened in all, by `name` or `name/part`. */
const happened = ({ series, intervalMs }: FigureTable) =>
  Object.fromEntries(
    series
      .filter(({ unit }) => unit === 'per_minute')
      .map((line) => [keyOf(line), (sum(line.values) * intervalMs) / 60_000]),
  );
const sum = (values: FigureSeries['values']) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
/** What there was, or how long it took, at one moment. */
const seen = ({ at: moments, series }: FigureTable, moment: number) =>
  Object.fromEntries(
    series
      .filter(({ unit }) => unit !== 'per_minute')
      .map((line) => [keyOf(line), line.values[moments.indexOf(moment)]]),
  );

/** What the instances have told of, which take samples by themselves, too: those of the last seconds come a little later. */
async function tellOf(figures: FiguresService, expected: Readonly<Record<string, number>>): Promise<FigureTable> {
  const all = async () => {
    const table = await figures.series();
    const counts = happened(table);
    return Object.entries(expected).every(([key, count]) => counts[key] === count) ? table : undefined;
  };
  return until(`figures to tell of ${JSON.stringify(expected)}`, all);
}

const clients = new ClientPool();
afterEach(() => clients.closeAll());

describe('figures', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ environment: { ADMIN_TOKEN, JOIN_RATE_COUNT: 0, MESSAGE_RATE_COUNT: 3 } });
  });
  afterAll(() => server.close());

  it('tell what was counted since the last time, and what there is', async () => {
    const figures = figuresOf(server);
    const [ann, ben, cleo] = await Promise.all([
      clients.add(connectV1(server.url)),
      clients.add(connectV2(server.url)),
      clients.add(connectV1(server.url)),
    ]);
    await figures.sample(at(0));
    await ann.enter({ display_name: 'Ann' });
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await cleo.enter({ display_name: 'Cleo' });
    for (const text of ['one', 'two', 'three']) await ben.say(roomId, text);
    await ann.hearsMessage('three');
    await ben.refused('send_message', { room_id: roomId, message: 'one too many' });
    await ben.refused('send_message', { room_id: 'nowhere', message: 'to nobody' });
    await figures.sample(at(1));

    const table = await tellOf(figures, {
      messages: 3,
      matches: 1,
      arrivals: 3,
      'errors/limited': 1,
      'errors/refused': 1,
      'decisions/accepted': 1,
    });
    const then = seen(table, at(1));
    expect(then).toMatchObject({ 'waiting/default': 1, participants: 3, rooms: 1, streams: 3, sessions: 2, waits: 0 });
    expect(then['oldest_wait/default']).toBeGreaterThanOrEqual(0);
    for (const name of ['event_loop_p99', 'wait_p95', 'delivery_lag_p99', 'strategy_p99']) {
      const { values } = table.series.find((line) => line.name === name)!;
      expect(values.some((value) => value !== null && value >= 0 && value < 60)).toBe(true);
    }
  });
});

describeWith(['redis-server'], 'figures of instances that share the state', (program) => {
  let redis: TestRedis;
  const servers: TestServer[] = [];
  beforeAll(async () => {
    redis = await TestRedis.start(program);
    const environment = { ADMIN_TOKEN, STATE_URL: redis.url, STATE_NAMESPACE: 'figures' };
    for (let i = 0; i < 2; i++) servers.push(await startTestServer({ environment }));
  }, 60_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await redis.stop();
  });

  it('add up, and count once what they share', async () => {
    const [one, other] = servers as [TestServer, TestServer];
    const [ann, ben] = [await clients.add(connectV1(one.url)), await clients.add(connectV2(other.url))];
    await ann.enter({ display_name: 'Ann' });
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await ann.hears('chatroom.found');
    await ann.say(roomId, 'Hello');
    await ben.say(roomId, 'Hello yourself');
    await until('one to lead', () => servers.some(({ app }) => app.get<StateStore>(StateStore).sharing!.leads));
    await Promise.all(servers.map((server) => figuresOf(server).sample(at(1))));
    const table = await tellOf(figuresOf(one), { messages: 2, matches: 1 });
    expect(seen(table, at(1))).toMatchObject({ participants: 2, rooms: 1, streams: 2 });
    expect(happened(await tellOf(figuresOf(other), { messages: 2 }))).toEqual(happened(table));
  });
});
