import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { TestRedisSentinel } from '../support/redis-sentinel.js';
import { type Break, TcpProxy } from '../support/tcp-proxy.js';
import { delays, SECONDS, TIMEOUT_MS, trial, type TrialOptions } from './trial.js';

jest.setTimeout(TIMEOUT_MS);

const LATENCY_MS = 5_000;
/** An event is heard live within this time, when what is published is lost. */
const PUBLISHED_LOST_MS = 1_000;
/** What a master had taken so shortly before its death may not have reached its replica. */
const UNREPLICATED_MS = 1_000;
/** Steps whose answers are to be lost, as they stand in the call. */
const STEPS = ['post', 'enqueue', 'claim', 'leave'].map((step) => `\r\n${step}\r\n`);

describeWith(['redis-server'], 'instances keep every promise', (program) => {
  let redis: TestRedis;
  let proxies: TcpProxy[] = [];

  const startRedis = async (...settings: string[]) => {
    redis = await TestRedis.start(program, settings);
  };
  const behindProxies = async (instances = 2) => {
    proxies = await Promise.all(Array.from({ length: instances }, () => TcpProxy.start(new URL(redis.url))));
  };
  afterEach(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    proxies = [];
    await redis.stop();
  });

  const on = (title: string, more: Partial<TrialOptions> = {}): TrialOptions => ({
    title,
    stateUrl: (i) => proxies[i]?.url.href ?? redis.url,
    control: () => redis.control,
    ...more,
  });

  it('when their Redis is killed and comes back with what it had written down', async () => {
    await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    await trial(on('Redis restarted'), async ({ repeat }) => {
      await repeat(500, 2_500, async () => {
        await redis.kill();
        await redis.run();
      });
    });
  });

  it('when their Redis answers 5 s late', async () => {
    await startRedis();
    await behindProxies();
    await trial(on('Redis late', { patienceMs: 60_000 }), async ({ leftMs }) => {
      await sleep(leftMs() / 3);
      proxies.forEach((proxy) => proxy.delay(LATENCY_MS));
      await sleep(leftMs());
      proxies.forEach((proxy) => proxy.delay(0));
    });
  });

  it.each<Break>(['after the call', 'amid the answer'])('when their connections to Redis break %s', async (where) => {
    await startRedis();
    await behindProxies();
    await trial(on(`instances cut off ${where}`), async ({ random, repeat }) => {
      await repeat(100, 500, async () => {
        const step = STEPS[random.whole(0, STEPS.length - 1)]!;
        proxies[random.whole(0, proxies.length - 1)]!.breakNext(where, (call) => call.includes(step));
        await Promise.resolve();
      });
    });
  });

  it('when nothing that is published reaches them, and is at most a second late', async () => {
    await startRedis();
    await behindProxies();
    const { participants } = await trial(on('publishing cut off'), async ({ leftMs }) => {
      proxies.forEach((proxy) => {
        proxy.hold();
        proxy.cut({ subscriptionsOnly: true });
      });
      await sleep(leftMs());
      proxies.forEach((proxy) => proxy.release());
    });
    const late = delays(participants);
    expect(late[Math.floor(late.length * 0.9)]).toBeLessThan(PUBLISHED_LOST_MS);
  });

  it('to whoever comes after their Redis has lost its memory, and say that it has', async () => {
    await startRedis();
    const mayLog = /Redis has lost its memory/;
    const { fleet } = await trial(on('Redis forgetful', { mayForget: true, mayLog }), async ({ repeat }) => {
      await repeat(500, 2_500, async () => {
        await redis.kill();
        await redis.run();
      });
    });
    for (const { complaints } of fleet.instances) expect(complaints).toContainEqual(expect.stringMatching(mayLog));
  });
});

describeWith(['redis-server'], 'instances behind Sentinels', (program) => {
  let sentinel: TestRedisSentinel;

  beforeEach(async () => {
    sentinel = await TestRedisSentinel.start(program);
  });
  afterEach(async () => {
    await sentinel.stop();
  });

  it('lose only what a master had not yet passed on when a replica takes its place', async () => {
    let failedAt = Number.POSITIVE_INFINITY;
    const options: TrialOptions = {
      title: 'fail-over',
      stateUrl: () => sentinel.url,
      control: () => sentinel.replica.control,
      mayLog: /Redis has lost its latest writes/,
      mayBeLost: (at) => at > failedAt - UNREPLICATED_MS && at <= failedAt + UNREPLICATED_MS,
    };
    await trial(options, async () => {
      await sleep((SECONDS * 1_000) / 3);
      failedAt = Date.now();
      await sentinel.master.kill();
    });
  });
});
