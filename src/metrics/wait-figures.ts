import { Logger } from '@nestjs/common';
import { type Observable } from 'rxjs';
import { Durations } from '../domain/durations.js';
import { subscribeSafely } from '../notifications/index.js';
import type { Group } from '../rooms/index.js';

/** How long tickets waited until they were matched, or offered a match, by pool. */
export class WaitFigures {
  readonly pools = new Map<string, Durations>();

  observe(groups: Observable<Group>, until: Observable<unknown>): void {
    subscribeSafely(groups, until, new Logger('Metrics'), (group) => this.#count(group));
  }

  #count({ pool, tickets, at }: Group): void {
    let durations = this.pools.get(pool);
    if (!durations) this.pools.set(pool, (durations = new Durations()));
    for (const { roomId, enqueuedAt } of tickets) {
      if (roomId === null) durations.record(Math.max(0, at - enqueuedAt) / 1000);
    }
  }
}
