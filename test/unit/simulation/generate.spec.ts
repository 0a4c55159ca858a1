import { describe, expect, it } from '@jest/globals';
import { generateDay } from '../../../src/simulation/generate.js';
import { type Arrival, formatArrival, readTrace, TRACE_HEADER } from '../../../src/traces/index.js';

const PLAN = { hours: 24, arrivals: 3_000, seed: 1, pool: 'default' };
const HOUR = 3_600_000;
const day = [...generateDay(PLAN)];

describe('a made-up day', () => {
  it('has as many arrivals as planned, in order, within its hours', () => {
    expect(day).toHaveLength(3_000);
    expect(day.every(({ at }, index) => at >= (day[index - 1]?.at ?? 0) && at < 24 * HOUR)).toBe(true);
  });

  it('is the same for the same seed and another for another', () => {
    expect([...generateDay(PLAN)]).toEqual(day);
    expect([...generateDay({ ...PLAN, seed: 2 })]).not.toEqual(day);
  });

  it('is busier in the evening than at night', () => {
    const between = (from: number, to: number) => day.filter(({ at }) => at >= from * HOUR && at < to * HOUR).length;
    expect(between(19, 22)).toBeGreaterThan(5 * between(2, 5));
  });

  it('can be written down and read back', async () => {
    const lines = [JSON.stringify(TRACE_HEADER), ...day.map(formatArrival)];
    const read: Arrival[] = [];
    for await (const arrival of readTrace(lines)) read.push(arrival);
    expect(read).toEqual(day);
  });

  it('has nobody come again who may still be waiting or talking, and everybody as they were', () => {
    const seen = new Map<number, Arrival>();
    const again = day.filter((arrival) => {
      const before = seen.get(arrival.person!);
      seen.set(arrival.person!, arrival);
      return before !== undefined && arrival.at - before.at > before.patienceMs! + before.talkMs!;
    });
    expect(again.length).toBe(3_000 - seen.size);
    expect(again.length).toBeGreaterThan(300);
    const first = day.find(({ person }) => person === again[0]!.person)!;
    expect(first).not.toBe(again[0]);
    expect(first.attributes).toEqual(again[0]!.attributes);
  });

  it('goes on into the next days', () => {
    const days = [...generateDay({ ...PLAN, hours: 72 })];
    expect(Math.max(...days.map(({ at }) => at))).toBeGreaterThan(60 * HOUR);
  });
});
