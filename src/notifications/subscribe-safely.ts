import type { Logger } from '@nestjs/common';
import { asapScheduler, catchError, defer, EMPTY, mergeMap, type Observable, observeOn, takeUntil } from 'rxjs';

/**
 * The one way to consume domain events. A handler runs after the publisher's own step (re-entrant publishing keeps its
 * order), its failure is logged and costs neither the subscription nor anybody else's, and it ends with `until`.
 */
export function subscribeSafely<T>(
  source: Observable<T>,
  until: Observable<unknown>,
  logger: Logger,
  handle: (value: T) => void | Promise<void>,
): void {
  source
    .pipe(
      observeOn(asapScheduler),
      mergeMap((value) =>
        defer(() => handle(value) ?? EMPTY).pipe(
          catchError((error: unknown) => {
            logger.error({ msg: 'event handler failed', error: error instanceof Error ? error.stack : String(error) });
            return EMPTY;
          }),
        ),
      ),
      takeUntil(until),
    )
    .subscribe();
}
