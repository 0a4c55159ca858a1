import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, it, jest } from '@jest/globals';
import { TestNats } from '../support/nats.js';
import { describeWith, whereIs } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import type { Life } from './record.js';
import { type Told, verifyTold } from './records.js';
import { type Stage, TIMEOUT_MS, trial, type TrialOptions } from './trial.js';

jest.setTimeout(TIMEOUT_MS);

const STREAM = 'parley-events-parley';
/** How long the message queue may take to be told what it missed, on a busy machine, in milliseconds. */
const CATCH_UP_MS = 60_000;
/** Events that there is room for while the stream is full. */
const ROOM_LEFT = 20;

describeWith(['nats-server'], 'a message queue is told everything once and in order', (program) => {
  let redis: TestRedis;
  let nats: TestNats;

  beforeEach(async () => {
    redis = await TestRedis.start(whereIs('redis-server'));
    nats = await TestNats.start(program);
  });
  afterEach(async () => {
    await nats.stop();
    await redis.stop();
  });

  /** What is wrong with what it was told, once that is all or no more comes. */
  async function missing(lives: readonly Life[]): Promise<string[]> {
    let wrong: string[] = [];
    const isTold = async () => {
      wrong = verifyTold(
        lives,
        (await nats.stored(STREAM)).map(({ json }): Told => json),
      );
      if (wrong.length > 0) await sleep(1_000);
      return wrong.length === 0;
    };
    await until('everything to be told', isTold, CATCH_UP_MS).catch(() => undefined);
    return wrong;
  }

  const under = (title: string, faults: (stage: Stage) => Promise<void>) => {
    const options: TrialOptions = {
      title: `message queue ${title}`,
      stateUrl: () => redis.url,
      control: () => redis.control,
      settings: () => ({ EVENTS_URL: nats.url }),
      afterwards: missing,
    };
    return trial(options, faults);
  };

  it('when instances are killed', async () => {
    await under('with instances killed', async ({ fleet, random, repeat }) => {
      await repeat(300, 1_500, async () => {
        const instance = fleet.instances[random.whole(0, fleet.instances.length - 1)]!;
        await instance.kill();
        await instance.start();
      });
    });
  });

  it('when it is down again and again', async () => {
    await under('down', async ({ random, repeat }) => {
      await repeat(300, 1_000, async () => {
        await nats.kill();
        await sleep(random.whole(100, 1_500));
        await nats.run();
      });
    });
  });

  it('when it stands still', async () => {
    await under('slow', async ({ leftMs }) => {
      await sleep(leftMs() / 4);
      nats.signal('SIGSTOP');
      await sleep(leftMs());
      nats.signal('SIGCONT');
    });
  });

  it('when it is full', async () => {
    await under('full', async ({ leftMs }) => {
      const { streams } = await nats.manager();
      const { config, state } = await streams.info(STREAM);
      await streams.update(STREAM, { max_msgs: state.messages + ROOM_LEFT, discard: 'new' });
      await sleep(leftMs());
      await streams.update(STREAM, { max_msgs: config.max_msgs, discard: config.discard });
    });
  });
});
