import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.js';
import type { Appended } from '../../src/ports/state-store.js';
import { SequentialIds, stateLimits } from '../../src/testing/index.js';
import { describeWith } from '../support/programs.js';
import { TestRedisSentinel } from '../support/redis-sentinel.js';
import { until } from '../support/until.js';

/** On a busy machine, in milliseconds. */
const PATIENCE_MS = 40_000;

describeWith(['redis-server'], 'a master that Sentinels watch', (program) => {
  let redis: TestRedisSentinel;

  beforeAll(async () => {
    redis = await TestRedisSentinel.start(program);
  }, 90_000);
  afterAll(() => redis.stop());

  it('is followed by everybody when another one takes its place', async () => {
    const { url, master } = redis;
    const [here, there] = [
      await RedisStateStore.open({ url, namespace: 'parley' }, stateLimits()),
      await RedisStateStore.open({ url, namespace: 'parley' }, stateLimits()),
    ];
    try {
      const heard: Appended[] = [];
      const nothing = () => undefined;
      await here.listen({ appended: nothing, live: nothing, missed: nothing });
      await there.listen({ appended: (appended) => void heard.push(...appended), live: nothing, missed: nothing });
      const ids = new SequentialIds();
      const [ann, bob, roomId] = [ids.uuid(), ids.uuid(), ids.uuid()];
      for (const id of [ann, bob]) {
        const input = { logId: ids.secret(16), tokenDigest: ids.secret(16), principal: null, displayName: 'Ann' };
        await here.createParticipant({ ...input, id, provenance: 'human', attributes: {} }, Date.now());
        await here.join({ participantId: id, name: 'lobby', capacity: 2, roomId }, Date.now());
      }
      const post = (text: string) =>
        here.post({ participantId: ann, roomId, text, clientMessageId: text, messageId: ids.uuid() }, Date.now());
      await post('before');
      // WAIT is for what its own connection wrote, and so for all that was written before that.
      await master.control.set('last', 'of all');
      expect(await master.control.wait(1, PATIENCE_MS)).toBe(1);
      await master.kill();
      const isPosted = () =>
        post('after').then(
          () => true,
          (error: { code: string }) => {
            expect(error.code).toBe('unavailable');
            return false;
          },
        );
      await until('the other to take its place', isPosted, PATIENCE_MS);
      await until('both messages', () => heard.length >= 3, PATIENCE_MS);
      expect(heard.map(({ entry }) => ('message' in entry.body.data ? entry.body.data.message : ''))).toEqual([
        '',
        'before',
        'after',
      ]);
    } finally {
      here.onApplicationShutdown();
      there.onApplicationShutdown();
    }
  }, 120_000);
});
