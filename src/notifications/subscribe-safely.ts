import type { Logger } from '@nestjs/common';
import { type Observable, take } from 'rxjs';

/**
 * The one way to consume domain events. A handler runs after the publisher's own step (re-entrant publishing keeps its
 * order), its failure is logged and costs neither the subscription nor anybody else's, and it ends with `until`.
 * Without operators: `observeOn` and an inner observable for each value cost 18 µs a value while the code is cold.
 */
export function subscribeSafely<T>(
  source: Observable<T>,
  until: Observable<unknown>,
  logger: Logger,
  handle: (value: T) => void | Promise<void>,
): void {
  let waiting: T[] = [];
  let over = false;
  const failed = (error: unknown) => {
    logger.error({ msg: 'event handler failed', error: error instanceof Error ? error.stack : String(error) });
  };
  const hand = async (value: T) => handle(value);
  const flush = () => {
    const values = waiting;
    waiting = [];
    for (const value of values) if (!over) hand(value).catch(failed);
  };
  const next = (value: T) => {
    // A promise, because `queueMicrotask` makes an async resource of each.
    if (waiting.push(value) === 1) void Promise.resolve().then(flush);
  };
  const subscription = source.subscribe({ next, error: failed });
  until.pipe(take(1)).subscribe(() => {
    over = true;
    subscription.unsubscribe();
  });
}
