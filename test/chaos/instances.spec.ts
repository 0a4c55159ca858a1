import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { type Break, TcpProxy } from '../support/tcp-proxy.js';
import type { Instance } from './fleet.js';
import { SECONDS, type Stage, TIMEOUT_MS, trial, type TrialOptions } from './trial.js';

jest.setTimeout(TIMEOUT_MS);

/** Longest that an instance stands still. */
const FROZEN_SECONDS = 30;
const CLOCKS_APART_MS = 30_000;

/** A module that sets the clock of a process wrong. */
const wrongClock = (ms: number) => `
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...of) { of.length > 0 ? super(...of) : super(Real.now() + ${ms}); }
    static now() { return Real.now() + ${ms}; }
  };`;

const anyOf = ({ fleet, random }: Stage): Instance => fleet.instances[random.whole(0, fleet.instances.length - 1)]!;

describeWith(['redis-server'], 'instances on one Redis keep every promise', (program) => {
  let redis: TestRedis;
  let proxies: TcpProxy[] = [];

  beforeEach(async () => {
    redis = await TestRedis.start(program);
  });
  afterEach(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    proxies = [];
    await redis.stop();
  });

  const on = (title: string, more: Partial<TrialOptions> = {}): TrialOptions => ({
    title,
    stateUrl: () => redis.url,
    control: () => redis.control,
    ...more,
  });

  it('when they are killed at random moments', async () => {
    await trial(on('instances killed'), async (stage) => {
      await stage.repeat(300, 1_500, async () => {
        const instance = anyOf(stage);
        await instance.kill();
        await instance.start();
      });
    });
  });

  it('when one stands still and wakes up late', async () => {
    await trial(on('instance frozen', { patienceMs: 2_000 }), async (stage) => {
      await stage.repeat(500, 1_000, async () => {
        const instance = anyOf(stage);
        instance.freeze();
        await sleep(Math.min(FROZEN_SECONDS * 1_000, (SECONDS * 1_000 * 2) / 3));
        instance.wake();
      });
    });
  });

  it('when all are restarted in turn', async () => {
    await trial(on('rolling restart'), async ({ fleet, leftMs }) => {
      while (leftMs() > 0) {
        for (const instance of fleet.instances) {
          expect(await instance.stop()).toBe(0);
          await instance.start();
        }
      }
    });
  });

  it('when many arrive at all of them at once', async () => {
    await trial(on('many at once', { instances: 3, participants: 24, says: 1 }), () => Promise.resolve());
  });

  it('when their clocks are half a minute apart', async () => {
    const settings = (i: number) => ({
      PRESENCE_TTL_SECONDS: '10',
      PRESENCE_GRACE_SECONDS: '5',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(wrongClock(i * CLOCKS_APART_MS))}`,
    });
    await trial(on('clocks apart', { settings }), () => Promise.resolve());
  });

  it.each<Break>(['after the call', 'amid the answer'])('when connections to them break %s', async (where) => {
    const places = async ({ urls }: Stage['fleet']) => {
      proxies = await Promise.all(urls.map((url) => TcpProxy.start(url)));
      return proxies.map(({ url }) => url);
    };
    const isToolCall = (call: Buffer) => call.includes('"tools/call"');
    await trial(on(`clients cut off ${where}`, { places }), async ({ random, repeat }) => {
      await repeat(20, 200, async () => {
        proxies[random.whole(0, proxies.length - 1)]!.breakNext(where, isToolCall);
        await Promise.resolve();
      });
    });
  });
});
