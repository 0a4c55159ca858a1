import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryInstanceRegistry } from '../../src/adapters/memory/memory-instance-registry.js';
import { RedisInstanceRegistry } from '../../src/adapters/redis/redis-instance-registry.js';
import type { InstanceRecord, InstanceRegistry } from '../../src/ports/instance-registry.js';
import { FakeClock } from '../../src/testing/index.js';
import { describeOnRedis } from '../support/on-redis.js';
import { until } from '../support/until.js';

const instance = (id: string, url: string | null): InstanceRecord => ({
  id,
  url,
  stage: 'serving',
  version: '1.0.0',
  startedAt: 1,
});

/** @param pass lets so many milliseconds pass, or waits for them */
function describeContract(make: () => InstanceRegistry, pass: (ms: number) => void) {
  let registry: InstanceRegistry;
  beforeEach(() => {
    registry = make();
  });

  it('knows where an instance is that has said so, until it says that it has gone', async () => {
    expect(await registry.find('one')).toBeUndefined();
    await registry.announce(instance('one', 'http://10.0.0.1:3000'), 60_000);
    await registry.announce(instance('two', 'http://10.0.0.2:3000'), 60_000);
    expect([await registry.find('one'), await registry.find('two')]).toEqual([
      'http://10.0.0.1:3000',
      'http://10.0.0.2:3000',
    ]);
    await registry.withdraw('one');
    expect([await registry.find('one'), await registry.find('two')]).toEqual([undefined, 'http://10.0.0.2:3000']);
    await registry.withdraw('one');
  });

  it('forgets one that says nothing more, and keeps one that does', async () => {
    await registry.announce(instance('silent', 'http://10.0.0.1:3000'), 200);
    await registry.announce(instance('alive', 'http://10.0.0.2:3000'), 200);
    await registry.announce(instance('alive', 'http://10.0.0.3:3000'), 60_000);
    pass(201);
    await until('the silent one to be forgotten', async () => (await registry.find('silent')) === undefined);
    expect(await registry.find('alive')).toBe('http://10.0.0.3:3000');
  });

  it('lists those that are there as they last said, reached by others or not', async () => {
    expect(await registry.list()).toEqual([]);
    await registry.announce(instance('silent', 'http://10.0.0.1:3000'), 200);
    await registry.announce(instance('leaving', 'http://10.0.0.2:3000'), 60_000);
    await registry.announce(instance('alone', null), 60_000);
    await registry.announce({ ...instance('alone', null), stage: 'draining' }, 60_000);
    await registry.withdraw('leaving');
    pass(201);
    await until('the silent one to be forgotten', async () => (await registry.list()).length === 1);
    expect(await registry.list()).toEqual([{ ...instance('alone', null), stage: 'draining' }]);
    expect(await registry.find('alone')).toBeUndefined();
  });
}

describe('MemoryInstanceRegistry', () => {
  const clock = new FakeClock();
  describeContract(
    () => new MemoryInstanceRegistry(clock),
    (ms) => clock.advance(ms),
  );
});

describeOnRedis('RedisInstanceRegistry', (here) => {
  let namespaces = 0;

  describeContract(
    () => new RedisInstanceRegistry(here.connection, `n${++namespaces}`),
    () => undefined,
  );

  it('keeps namespaces apart, and no key for ever', async () => {
    const [one, other] = ['a', 'b'].map((namespace) => new RedisInstanceRegistry(here.connection, namespace));
    await one!.announce(instance('one', 'http://10.0.0.1:3000'), 60_000);
    expect(await other!.find('one')).toBeUndefined();
    expect(await here.redis.control.pttl('{a}:instance:one')).toBeGreaterThan(0);
  });
});
