import { describe, expect, it } from '@jest/globals';
import { RedisClock } from '../../../src/adapters/redis/redis-clock.js';

/** A server's clock and a process's own, with a way between them that takes its time. */
function setup() {
  const there = { time: 1_700_000_000_000, steady: 5_000, roundTripMs: 2 };
  const pass = (ms: number) => {
    there.time += ms;
    there.steady += ms;
  };
  const serverTime = () => {
    pass(there.roundTripMs / 2);
    const { time } = there;
    pass(there.roundTripMs / 2);
    return Promise.resolve(time);
  };
  return { there, pass, clock: new RedisClock(serverTime, () => there.steady) };
}

describe('the clock of the state', () => {
  it('tells the server’s time, and goes on by its own between two comparisons', async () => {
    const { there, pass, clock } = setup();
    await clock.compare();
    expect(clock.now()).toBe(there.time);
    pass(4_000);
    expect(clock.now()).toBe(there.time);
  });

  it('follows a server whose clock was set, without turning back by little', async () => {
    const { there, pass, clock } = setup();
    await clock.compare();
    const before = clock.now();
    there.time -= 400;
    pass(100);
    await clock.compare();
    expect(clock.now()).toBe(before);
    pass(1_000);
    expect(clock.now()).toBe(there.time);
    there.time -= 60_000;
    await clock.compare();
    expect(clock.now()).toBe(there.time);
  });

  it('believes no answer that was long on its way when it knows better', async () => {
    const { there, clock } = setup();
    await clock.compare();
    Object.assign(there, { roundTripMs: 5_000, time: there.time + 1_000 });
    await clock.compare();
    expect(clock.now()).toBe(there.time - 1_000);
    there.roundTripMs = 2;
    await clock.compare();
    expect(clock.now()).toBe(there.time);
  });

  it('takes what there is when it knows nothing, and what is better afterwards', async () => {
    const { there, clock } = setup();
    there.roundTripMs = 2_000;
    await clock.compare();
    expect(Math.abs(clock.now() - there.time)).toBeLessThanOrEqual(1_000);
  });
});
