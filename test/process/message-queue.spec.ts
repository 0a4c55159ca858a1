import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ClientPool, connectV1, connectV2, type TestClient } from '../support/clients.js';
import { eventFaults } from '../support/event-schemas.js';
import { type Stored, TestNats } from '../support/nats.js';
import { describeWith } from '../support/programs.js';
import { parseExposition, valueOf } from '../support/prometheus.js';
import { freePort, TestRedis } from '../support/redis.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

const STREAM = 'parley-events-parley';

describeWith(['nats-server'], 'a service with a message queue', (program) => {
  const clients = new ClientPool();
  const processes: ServiceProcess[] = [];
  let nats: TestNats;
  let proxy: TcpProxy | undefined;

  beforeEach(async () => {
    nats = await TestNats.start(program);
  }, 60_000);
  afterEach(async () => {
    await clients.closeAll();
    await Promise.all(processes.splice(0).map((each) => each.end()));
    await proxy?.close();
    proxy = undefined;
    await nats.stop();
  }, 60_000);

  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    const service = await ServiceProcess.start({
      EVENTS_URL: nats.url,
      LOG_LEVEL: 'warn',
      MESSAGE_RATE_COUNT: '0',
      ...environment,
    });
    processes.push(service);
    return service;
  };
  const example = (script: string, ...args: string[]) => {
    const run = ServiceProcess.run({}, `examples/message-queue/${script}`, nats.url, ...args);
    processes.push(run);
    return run;
  };

  /** Two who have met and talk. */
  async function pair({ url }: ServiceProcess) {
    const [ann, ben] = await Promise.all([clients.add(connectV1(url)), clients.add(connectV2(url))]);
    await ann.enter({ display_name: 'Ann' });
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    return { ann: ann as TestClient, ben: ben as TestClient, roomId };
  }
  const seqs = (stored: readonly Stored[]) =>
    stored.filter(({ json }) => json.type === 'parley.message.sent').map(({ json }) => json.data['seq']);
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
  /** Waits until the stream tells of as many messages, and returns all of it. */
  const messages = (count: number) =>
    until(`${count} messages in the stream`, async () => {
      const stored = await nats.stored(STREAM);
      return seqs(stored).length >= count && stored;
    });

  it('tells it everything that happens, as events that are valid', async () => {
    const service = await start({ EVENTS_MESSAGE_TEXT: 'true' });
    const { ann, ben, roomId } = await pair(service);
    await ann.say(roomId, 'hello');
    await ben.say(roomId, 'hi');
    await ann.ok('leave_chat', { room_id: roomId });
    await ann.enter({ display_name: 'Ann' });
    await ann.ok('leave_queue');
    const stored = await until('the last event', async () => {
      const all = await nats.stored(STREAM);
      return all.some(({ json }) => json.type === 'parley.ticket.cancelled') && all;
    });
    for (const { json } of stored) expect(eventFaults(json as never)).toEqual([]);
    for (const { subject, json } of stored) expect(subject).toBe(json.type.replace('parley.', 'parley.parley.'));
    const types = stored.map(({ json }) => json.type.slice('parley.'.length));
    expect(types.filter((type) => !type.startsWith('ticket.'))).toEqual([
      'room.opened',
      'message.sent',
      'message.sent',
      'room.left',
      'room.closed',
    ]);
    expect(types.filter((type) => type.startsWith('ticket.')).sort()).toEqual(
      ['created', 'created', 'created', 'matched', 'matched', 'cancelled'].map((what) => `ticket.${what}`).sort(),
    );
    expect(stored.map(({ json }) => json.data['message']).filter(Boolean)).toEqual(['hello', 'hi']);
    expect(stored.find(({ json }) => json.type === 'parley.room.opened')!.json.data).toMatchObject({ room_id: roomId });
  }, 120_000);

  it('tells it nothing of what people wrote unless it is asked to', async () => {
    const { ann, roomId } = await pair(await start());
    await ann.say(roomId, 'between us');
    const stored = await messages(1);
    expect(JSON.stringify(stored.map(({ json }) => json))).not.toContain('between us');
  }, 120_000);

  it('goes on while it is down, and tells it everything once when it is back', async () => {
    const service = await start();
    const { ann, ben, roomId } = await pair(service);
    for (let i = 1; i <= 10; i++) await ann.say(roomId, `before ${i}`);
    await messages(10);
    await nats.kill();
    for (let i = 1; i <= 50; i++) await (i % 2 ? ann : ben).say(roomId, `meanwhile ${i}`);
    const figure = async (name: string) =>
      valueOf(
        parseExposition(await (await fetch(new URL('/metrics', service.url))).text()),
        `parley_outbox_${name}{reader="events"}`,
      );
    await until('a failure to show in the metrics', async () => (await figure('failures')) > 0);
    expect(await figure('pending_records')).toBe(50);
    expect(await figure('lag_seconds')).toBeGreaterThan(0);
    await nats.run();
    await ann.say(roomId, 'after');
    expect(seqs(await messages(61))).toEqual(numbers(61));
    await until('nothing to be pending', async () => (await figure('pending_records')) === 0);
    expect([await figure('failures'), await figure('lost_records_total')]).toEqual([0, 0]);
    expect(service.log.filter(({ level }) => level === 'error')).toEqual([]);
  }, 120_000);

  it('goes on while it is held up, and tells it everything once when it goes on', async () => {
    const { ann, roomId } = await pair(await start());
    await ann.say(roomId, 'before');
    await messages(1);
    nats.signal('SIGSTOP');
    for (let i = 1; i <= 50; i++) await ann.say(roomId, `meanwhile ${i}`);
    // Longer than the answer to an event is waited for, so that all of them are sent again.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    nats.signal('SIGCONT');
    await ann.say(roomId, 'after');
    expect(seqs(await messages(52))).toEqual(numbers(52));
  }, 120_000);

  it('goes on while it is cut off again and again', async () => {
    proxy = await TcpProxy.start(new URL(nats.url));
    const { ann, roomId } = await pair(await start({ EVENTS_URL: `nats://${proxy.url.host}` }));
    for (let i = 1; i <= 200; i++) {
      await ann.say(roomId, `message ${i}`);
      if (i % 20 === 0) proxy.cut();
    }
    expect(seqs(await messages(200))).toEqual(numbers(200));
  }, 120_000);

  it('goes on while it is full, and tells it everything once when there is room', async () => {
    const { ann, roomId } = await pair(await start());
    await ann.say(roomId, 'before');
    const before = await messages(1);
    const { streams } = await nats.manager();
    await streams.update(STREAM, { max_msgs: before.length + 7, discard: 'new' });
    for (let i = 1; i <= 50; i++) await ann.say(roomId, `meanwhile ${i}`);
    await messages(8);
    await streams.update(STREAM, { max_msgs: -1 });
    expect(seqs(await messages(51))).toEqual(numbers(51));
  }, 120_000);

  it('tells it what is pending when it stops', async () => {
    const service = await start();
    const { ann, roomId } = await pair(service);
    for (let i = 1; i <= 20; i++) await ann.say(roomId, `message ${i}`);
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(seqs(await nats.stored(STREAM))).toEqual(numbers(20));
    expect(service.complaints).toEqual([]);
  }, 120_000);

  it('stops in time although it is down', async () => {
    const service = await start({ SHUTDOWN_SECONDS: '3' });
    const { ann, roomId } = await pair(service);
    await nats.kill();
    await ann.say(roomId, 'nobody hears of it');
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
  }, 120_000);

  it('is followed by the example', async () => {
    const service = await start({ EVENTS_MESSAGE_TEXT: 'true' });
    const follower = example('follow.mjs');
    await until('it to follow', () => follower.stdout.includes('* Following'));
    const { ann, roomId } = await pair(service);
    await ann.say(roomId, 'hello \u001b[31mBen');
    await ann.ok('leave_chat', { room_id: roomId });
    await until('the end', () => follower.stdout.includes('room closed'));
    for (const line of [
      '1 waiting in default',
      'matched in default after',
      'room of Ann and Ben',
      'Ann: hello �[31mBen',
      'somebody left: left',
      'room closed: partner_left',
    ]) {
      expect(follower.stdout).toContain(line);
    }
    follower.kill('SIGINT');
    expect(await follower.exited).toBe(0);
    expect(follower.stderr).toBe('');
  }, 120_000);

  it('has its matches counted once each by the example, also those made while it was not running', async () => {
    const service = await start();
    const counted = (run: ServiceProcess) =>
      run.stdout
        .split('\n')
        .filter((line) => /^\d/.test(line))
        .reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
    await pair(service);
    await until('the match in the stream', async () =>
      (await nats.stored(STREAM)).some(({ json }) => json.type === 'parley.room.opened'),
    );
    const first = example('matches-per-minute.mjs', 'parley', '1');
    await until('the first', () => counted(first) === 1);
    first.kill('SIGINT');
    expect(await first.exited).toBe(0);
    await pair(service);
    await pair(service);
    const second = example('matches-per-minute.mjs', 'parley', '1');
    await until('the others', () => counted(second) >= 2);
    expect(counted(second)).toBe(2);
    expect([first.stderr, second.stderr]).toEqual(['', '']);
  }, 120_000);
});

describeWith(['redis-server'], 'two services with one message queue', (redisProgram) => {
  describeWith(['nats-server'], 'on one Redis', (natsProgram) => {
    const clients = new ClientPool();
    const services: ServiceProcess[] = [];
    let redis: TestRedis;
    let nats: TestNats;

    beforeEach(async () => {
      [redis, nats] = await Promise.all([TestRedis.start(redisProgram), TestNats.start(natsProgram)]);
    }, 60_000);
    afterEach(async () => {
      await clients.closeAll();
      await Promise.all(services.splice(0).map((service) => service.end()));
      await Promise.all([redis.stop(), nats.stop()]);
    }, 60_000);

    const start = async () => {
      const environment = { STATE_URL: redis.url, EVENTS_URL: nats.url, LOG_LEVEL: 'warn', MESSAGE_RATE_COUNT: '0' };
      const service = await ServiceProcess.start(environment);
      services.push(service);
      return service;
    };

    it('tell it everything once and in order, although one after the other is killed', async () => {
      const speaker = await start();
      const [ann, ben] = await Promise.all([clients.add(connectV2(speaker.url)), clients.add(connectV2(speaker.url))]);
      await ann.enter({ display_name: 'Ann' });
      const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
      for (let round = 0; round < 4; round++) {
        const other = await start();
        for (let i = 0; i < 100; i++) await ann.say(roomId, `message ${round}.${i}`);
        other.kill('SIGKILL');
        await other.exited;
      }
      const told = await until('everything in the stream', async () => {
        const seqs = (await nats.stored(STREAM))
          .filter(({ json }) => json.type === 'parley.message.sent')
          .map(({ json }) => json.data['seq']);
        return seqs.length >= 400 && seqs;
      });
      expect(told).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    }, 180_000);
  });
});

describeWith(['nats-server'], 'a service whose message queue cannot be used', (program) => {
  it('does not start, says why in one line, and repeats no password', async () => {
    const port = await freePort();
    const service = ServiceProcess.run({ EVENTS_URL: `nats://parley:secret@127.0.0.1:${port}` });
    expect(await service.exited).toBe(1);
    expect(service.stderr.trim()).toBe(
      `Start failed: EVENTS_URL: NATS at 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
    );
    expect(service.stdout).not.toContain('secret');
  }, 60_000);

  it('does not start without JetStream either', async () => {
    const nats = await TestNats.start(program, '# no jetstream');
    try {
      const service = ServiceProcess.run({ EVENTS_URL: nats.url });
      expect(await service.exited).toBe(1);
      expect(service.stderr.trim()).toBe(
        `Start failed: EVENTS_URL: NATS at 127.0.0.1:${nats.port}: there is no JetStream; start the server with jetstream enabled`,
      );
    } finally {
      await nats.stop();
    }
  }, 60_000);
});
