import { describe, expect, it } from '@jest/globals';
import type { Logger } from '@nestjs/common';
import { Subject } from 'rxjs';
import { subscribeSafely } from '../../src/notifications/index.js';
import { settled } from '../support/fakes.js';

function setup(handle: (value: number) => void | Promise<void>) {
  const source = new Subject<number>();
  const until = new Subject<void>();
  const logged: unknown[] = [];
  const logger = { error: (message: unknown) => logged.push(message) } as Partial<Logger> as Logger;
  subscribeSafely(source, until, logger, handle);
  return { source, until, logged };
}

describe('subscribeSafely', () => {
  it('goes on after a handler has thrown or rejected, and logs it', async () => {
    const heard: number[] = [];
    const { source, logged } = setup((value) => {
      heard.push(value);
      if (value === 1) throw new Error('thrown');
      if (value === 2) return Promise.reject(new Error('rejected'));
    });
    for (const value of [1, 2, 3]) source.next(value);
    await settled();

    expect(heard).toEqual([1, 2, 3]);
    expect(logged).toHaveLength(2);
    expect(JSON.stringify(logged)).toMatch(/thrown.*rejected/);
  });

  it('keeps one failing subscriber from the others', async () => {
    const { source } = setup(() => {
      throw new Error('boo');
    });
    const heard: number[] = [];
    const logger = { error: () => undefined } as Partial<Logger> as Logger;
    subscribeSafely(source, new Subject(), logger, (value) => void heard.push(value));
    for (const value of [1, 2]) source.next(value);
    await settled();
    expect(heard).toEqual([1, 2]);
  });

  it('hands on in order what a handler publishes, after the step that published it', async () => {
    const order: string[] = [];
    const { source } = setup((value) => {
      order.push(`begin ${value}`);
      if (value < 10) source.next(value * 10);
      order.push(`end ${value}`);
    });
    source.next(1);
    source.next(2);
    order.push('published');
    await settled();

    expect(order).toEqual([
      'published',
      ...['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 10', 'end 10', 'begin 20', 'end 20'],
    ]);
  });

  it('ends when told to', async () => {
    const heard: number[] = [];
    const { source, until } = setup((value) => void heard.push(value));
    source.next(1);
    await settled();
    until.next();
    source.next(2);
    await settled();
    expect(heard).toEqual([1]);
    expect(source.observed).toBe(false);
  });
});
