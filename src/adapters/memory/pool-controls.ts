import { type PoolControl, UNCONTROLLED } from '../../ports/operator-steps.js';

/** What operators have said of pools. */
export class PoolControls {
  readonly #byPool = new Map<string, PoolControl>();

  get all(): ReadonlyMap<string, PoolControl> {
    return this.#byPool;
  }

  of(pool: string): PoolControl {
    return this.#byPool.get(pool) ?? UNCONTROLLED;
  }

  isPaused(pool: string): boolean {
    return this.#byPool.size > 0 && this.of(pool).mode === 'paused';
  }

  isDraining(pool: string): boolean {
    return this.#byPool.size > 0 && this.of(pool).mode === 'draining';
  }

  set(pool: string, control: PoolControl): void {
    if (control.mode === 'open' && control.strategy === null) this.#byPool.delete(pool);
    else this.#byPool.set(pool, control);
  }
}
