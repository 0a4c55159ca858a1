import { Injectable, Logger } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { Durations } from '../domain/durations.js';
import { subscribeSafely } from '../notifications/index.js';
import type { Group } from '../rooms/index.js';

/** How long tickets waited until they were matched, or offered a match, by pool. */
@Injectable()
export class WaitFigures {
  readonly pools = new Map<string, Durations>();

  observe(groups: Observable<Group>, pools: readonly string[], until: Observable<unknown>): void {
    for (const pool of pools) this.pools.set(pool, new Durations());
    subscribeSafely(groups, until, new Logger('Metrics'), (group) => this.#count(group));
  }

  #count({ pool, tickets, at }: Group): void {
    for (const { roomId, enqueuedAt } of tickets) {
      if (roomId === null) this.pools.get(pool)?.record(Math.max(0, at - enqueuedAt) / 1000);
    }
  }
}
