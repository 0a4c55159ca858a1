import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { initialize, send } from '../e2e/http/wire.js';
import {
  ClientPool,
  connectV1,
  connectV2,
  type Envelope,
  type Facts,
  type TestClient,
  V2Client,
} from '../support/clients.js';
import { TestNginx } from '../support/nginx.js';
import type { Connect } from '../support/parley.js';
import { describeWith } from '../support/programs.js';
import { freePort, TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(120_000);

const ERAS: readonly { era: string; connect: Connect }[] = [
  { era: '2025-11-25', connect: connectV1 },
  { era: '2026-07-28', connect: connectV2 },
];

/** Between two visitors, in milliseconds. */
const PACE_MS = 10;
/** On a busy machine, in milliseconds. */
const PATIENCE_MS = 30_000;

const ready = ({ url }: ServiceProcess) =>
  send(new URL('/health/ready', url), 'GET').then(
    ({ status }) => status === 200,
    () => false,
  );

/**
 * A client as an application has it: what fails is tried again, under the same `client_message_id`, and a session that
 * is not there any more is followed by another.
 */
class Talker {
  /** Messages that were accepted, in this order. */
  readonly accepted: string[] = [];
  /** Calls that failed and were made again. */
  readonly failures: string[] = [];
  sessions = 1;
  roomId = '';
  #start = '';
  #over = false;
  #listening: Promise<void> | undefined;

  private constructor(
    private readonly url: URL,
    private readonly connect: Connect,
    private client: TestClient,
  ) {}

  static async join(url: URL, connect: Connect, room: string): Promise<Talker> {
    const talker = new Talker(url, connect, await connect(url));
    const { room_id: roomId, cursor } = await talker.client.become('join_room', { room_name: room });
    talker.roomId = roomId;
    talker.#start = cursor;
    talker.#listening = talker.#listen();
    return talker;
  }

  /** What was pushed, each event once. */
  get heard(): readonly unknown[] {
    const events = new Map<string | undefined, unknown>();
    for (const { params, event } of this.client.all('message.received')) events.set(event?.event_id, params['message']);
    return [...events.values()];
  }

  async say(text: string): Promise<void> {
    await this.#call('send_message', { room_id: this.roomId, message: text, client_message_id: text });
    this.accepted.push(text);
  }

  /** The messages in its log since the beginning. */
  async log(): Promise<readonly unknown[]> {
    const events: Envelope[] = [];
    for (let cursor = this.#start; ;) {
      const page = await this.#call('wait_for_message', { cursor, timeout_seconds: 0 });
      events.push(...page.events);
      cursor = page.cursor;
      if (page.timeout)
        return events.filter(({ name }) => name === 'message.received').map(({ data }) => data['message']);
    }
  }

  async leave(): Promise<void> {
    this.#over = true;
    await this.client.close();
    await this.#listening;
  }

  /** Until it has succeeded. */
  #call(tool: string, args: object): Promise<Facts> {
    return until(`${tool} to succeed`, async () => {
      const { client } = this;
      try {
        return await client.ok(tool, { ...args, participant_token: client.token });
      } catch (error) {
        this.failures.push(`${tool}: ${String(error)}`);
        if (!(client instanceof V2Client)) await this.#renew(client);
        return undefined;
      }
    });
  }

  /** No 1.x client does so by itself. */
  async #renew(broken: TestClient): Promise<void> {
    const client = await this.connect(this.url).catch(() => undefined);
    if (!client) return;
    client.token = broken.token;
    client.heard.push(...broken.heard);
    this.client = client;
    this.sessions++;
    await broken.close();
  }

  /** In the stateless revision, listens again from where the last stream ended. */
  async #listen(): Promise<void> {
    const { client } = this;
    while (client instanceof V2Client && !this.#over) {
      const last = client.heard.findLast(({ event }) => event !== undefined)?.event;
      try {
        await client.listen(last?.cursor ?? this.#start);
        await client.listening;
      } catch (error) {
        if (!this.#over) this.failures.push(`listening: ${String(error)}`);
      }
    }
  }
}

describeWith(['redis-server'], 'two services', (redisServer) => {
  describeWith(['nginx'], 'behind nginx as deploy/ has it', (program) => {
    const clients = new ClientPool();
    let redis: TestRedis;
    let nginx: TestNginx;
    let ports: number[];
    let services: ServiceProcess[];

    const run = (port: number) =>
      ServiceProcess.start({
        STATE_URL: redis.url,
        PORT: `${port}`,
        INSTANCE_URL: `http://127.0.0.1:${port}`,
        LOG_LEVEL: 'warn',
        MESSAGE_RATE_COUNT: '0',
        // All that is said is read back in the end.
        EVENT_LOG_ENTRIES: '1000000',
        DRAIN_SECONDS: '2',
        SHUTDOWN_SECONDS: '30',
      });

    beforeEach(async () => {
      redis = await TestRedis.start(redisServer);
      ports = [await freePort(), await freePort()];
      [nginx, services] = await Promise.all([TestNginx.start(program, ports), Promise.all(ports.map(run))]);
    }, 60_000);
    afterEach(async () => {
      await clients.closeAll();
      await Promise.all(services.map((service) => service.end()));
      await nginx.stop();
      await redis.stop();
    }, 30_000);

    it.each(ERAS)(
      'serve every request of clients of $era, wherever it lands, and push at once',
      async ({ connect }) => {
        const [ann, ben] = await Promise.all([clients.add(connect(nginx.url)), clients.add(connect(nginx.url))]);
        await ann.enter({ display_name: 'Ann' });
        const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
        for (let i = 1; i <= 20; i++) {
          await (i % 2 ? ann : ben).say(roomId, `message ${i}`);
          await (i % 2 ? ben : ann).hearsMessage(`message ${i}`);
        }
        const progress: number[] = [];
        const { cursor } = await ann.ok('get_status');
        const waiting = ann.ok(
          'wait_for_message',
          { cursor, timeout_seconds: 20 },
          { onprogress: (p) => progress.push(p.progress) },
        );
        await until('progress', () => progress.length > 0, PATIENCE_MS);
        await ben.say(roomId, 'at last');
        expect((await waiting).timeout).toBe(false);
        expect(nginx.complaints).toBe('');
      },
    );

    it('let nobody feel that one of them is going, or has gone', async () => {
      const [going] = services as [ServiceProcess];
      going.kill('SIGTERM');
      await until('the drain', async () => !(await ready(going)), PATIENCE_MS);
      let over = false;
      void going.exited.then(() => (over = true));
      let during = 0;
      const open = async () => (await initialize(nginx.url, '2025-11-25')).status;
      const page = async () => (await send(new URL('/', nginx.url), 'GET')).status;
      for (; !over; during++) {
        expect([await open(), await page()]).toEqual([200, 200]);
        await sleep(PACE_MS);
      }
      expect(await going.exited).toBe(0);
      expect(during).toBeGreaterThan(5);
      for (let i = 0; i < 10; i++) expect([await open(), await page()]).toEqual([200, 200]);
    });

    it('are restarted one after the other while clients of both eras talk, and no message is lost or doubled', async () => {
      const eras: readonly Connect[] = [connectV1, connectV2];
      const pairs = await Promise.all(
        [0, 1, 2, 3, 4, 5].map(async (i) => {
          const first = await Talker.join(nginx.url, eras[i % 2]!, `room ${i}`);
          return [first, await Talker.join(nginx.url, eras[i % 3 === 0 ? 1 : i % 2]!, `room ${i}`)] as const;
        }),
      );
      const talkers = pairs.flat();
      try {
        let talking = true;
        const talk = async (talker: Talker, name: string) => {
          for (let i = 1; talking; i++) await talker.say(`${name} ${i}`);
        };
        const talks = talkers.map((talker, i) => talk(talker, `talker ${i}`));
        try {
          for (let i = 0; i < services.length; i++) {
            services[i]!.kill('SIGTERM');
            expect(await services[i]!.exited).toBe(0);
            services[i] = await run(ports[i]!);
            const before = talkers.map(({ accepted }) => accepted.length);
            await until('all to go on', () => talkers.every(({ accepted }, n) => accepted.length > before[n]! + 5));
          }
        } finally {
          talking = false;
          await Promise.all(talks);
        }
        for (const [one, other] of pairs) {
          for (const [talker, partner] of [
            [one, other],
            [other, one],
          ] as const) {
            expect(partner.accepted.length).toBeGreaterThan(20);
            expect(await talker.log()).toEqual(partner.accepted);
            // A session is missed once when its instance has gone; without one there is nothing to miss. On a machine that
            // has stood still, a request may come by a connection just as its instance has given it up.
            const others = talker.failures.filter((failure) => !failure.includes('Session not found'));
            expect(others.length > 1 ? others : others.filter((failure) => !failure.includes('502'))).toEqual([]);
            expect(talker.failures.length - others.length).toBeLessThan(talker.sessions);
            if (talker.sessions === 1) {
              await until('all to be pushed', () => talker.heard.length === partner.accepted.length, PATIENCE_MS);
              expect(talker.heard).toEqual(partner.accepted);
            }
          }
        }
      } finally {
        // Else they would go on for ever.
        await Promise.all(talkers.map((talker) => talker.leave()));
      }
    });
  });
});
