import { afterEach, beforeEach, it } from '@jest/globals';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { trial, type TrialOptions } from './trial.js';

describeWith(['redis-server'], 'what is promised holds', (program) => {
  let redis: TestRedis;

  beforeEach(async () => {
    redis = await TestRedis.start(program);
  });
  afterEach(async () => {
    await redis.stop();
  });

  const on = (title: string, more: Partial<TrialOptions> = {}): TrialOptions => ({
    title,
    stateUrl: () => redis.url,
    control: () => redis.control,
    ...more,
  });

  it('when nothing happens', async () => {
    await trial(on('nothing happens'), async () => undefined);
  });

  it('when instances are killed at random moments', async () => {
    await trial(on('instances killed'), async ({ fleet, random, repeat }) => {
      await repeat(300, 1_500, async () => {
        const instance = fleet.instances[random.whole(0, fleet.instances.length - 1)]!;
        await instance.kill();
        await instance.start();
      });
    });
  });
});
