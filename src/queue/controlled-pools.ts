import { Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/index.js';
import { invalidArguments } from '../domain/errors.js';
import type { MatchingEngine, StrategyRunner } from '../matching/index.js';
import { type PoolControl, type PoolMode, UNCONTROLLED } from '../ports/operator-steps.js';
import type { StateStore } from '../ports/state-store.js';

type Strategy = PoolControl['strategy'];

/** What operators change of a pool; what is left out stays as it is. */
export interface PoolChange {
  readonly mode?: PoolMode | undefined;
  /** Null: the one that is configured. */
  readonly strategy?: Strategy | undefined;
}

/** Goes by what operators say of pools, whichever instance they say it to. */
export class ControlledPools {
  readonly #logger = new Logger('Queue');
  #controls: ReadonlyMap<string, PoolControl> = new Map();
  /** By pool: the strategy that matches there in place of the one that is configured, as JSON. */
  readonly #inUse = new Map<string, string>();
  /** By pool: the strategy that could not be loaded here, as JSON. */
  readonly #refused = new Map<string, string>();
  /** One thing at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly state: StateStore,
    private readonly engine: MatchingEngine,
    private readonly pools: Pick<ReadonlyMap<string, unknown>, 'has'>,
  ) {}

  /** As this instance goes by it. */
  of(pool: string): PoolControl {
    return this.#controls.get(pool) ?? UNCONTROLLED;
  }

  isPaused(pool: string): boolean {
    return this.#controls.get(pool)?.mode === 'paused';
  }

  /** @throws ChatError `invalid_arguments` when this instance cannot load the strategy; then nothing has changed */
  change(pool: string, { mode, strategy }: PoolChange, now: () => number): Promise<void> {
    return this.#inTurn(async () => {
      const before = (await this.state.poolControls()).get(pool) ?? UNCONTROLLED;
      const control: PoolControl = {
        mode: mode ?? before.mode,
        strategy: strategy === undefined ? before.strategy : strategy,
      };
      const loaded = this.#isInUse(pool, control.strategy) ? undefined : await this.#load(pool, control.strategy);
      try {
        await this.state.controlPool(pool, control, now());
      } catch (error) {
        await loaded?.close();
        throw error;
      }
      this.#controls = new Map(this.#controls).set(pool, control);
      this.#tell(pool, control);
      if (loaded) this.#use(pool, control.strategy, loaded);
    });
  }

  /** Goes by what was said to other instances meanwhile. */
  follow(): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#controls;
      this.#controls = await this.state.poolControls();
      for (const pool of new Set([...before.keys(), ...this.#controls.keys()])) {
        const control = this.of(pool);
        if (!this.pools.has(pool)) continue;
        if (!isSame(before.get(pool) ?? UNCONTROLLED, control)) this.#tell(pool, control);
        if (!this.#isInUse(pool, control.strategy)) await this.#followStrategy(pool, control.strategy);
      }
    });
  }

  /** What cannot be loaded here is told once, and the strategy before goes on. */
  async #followStrategy(pool: string, strategy: Strategy): Promise<void> {
    const json = JSON.stringify(strategy);
    if (this.#refused.get(pool) === json) return;
    try {
      this.#use(pool, strategy, await this.engine.load(pool, strategy));
    } catch (error) {
      this.#refused.set(pool, json);
      this.#logger.error({ msg: 'strategy cannot be switched here', pool, error: String(error) });
    }
  }

  async #load(pool: string, strategy: Strategy): Promise<StrategyRunner> {
    try {
      return await this.engine.load(pool, strategy);
    } catch (error) {
      if (error instanceof ConfigurationError) throw invalidArguments(error.message, 'The strategy before goes on.');
      throw error;
    }
  }

  #use(pool: string, strategy: Strategy, runner: StrategyRunner): void {
    this.#refused.delete(pool);
    if (strategy) this.#inUse.set(pool, JSON.stringify(strategy));
    else this.#inUse.delete(pool);
    this.engine.use(pool, runner).catch((error: unknown) => {
      this.#logger.error({ msg: 'the strategy before did not close', pool, error: String(error) });
    });
  }

  #isInUse(pool: string, strategy: Strategy): boolean {
    return this.#inUse.get(pool) === (strategy ? JSON.stringify(strategy) : undefined);
  }

  #tell(pool: string, { mode, strategy }: PoolControl): void {
    this.#logger.log({ msg: 'pool controlled', pool, mode, strategy: strategy?.strategy ?? 'as configured' });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** Both are plain JSON with the same order of keys. */
const isSame = (a: PoolControl, b: PoolControl) =>
  a.mode === b.mode && JSON.stringify(a.strategy) === JSON.stringify(b.strategy);
