import type { Awaitable } from './awaitable.js';

/** `draining`: it is about to go, and goes on with what it has. `drained`: it serves nobody any more. */
export type InstanceStage = 'serving' | 'draining' | 'drained';

/** An instance of the service, as it says of itself. */
export interface InstanceRecord {
  readonly id: string;
  /** Where the others reach it; null: they do not. */
  readonly url: string | null;
  readonly stage: InstanceStage;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/**
 * Which instances of the service there are, and where the others reach them. What stands here is trusted: requests with
 * their credentials are sent there. So whoever may write it must be one who may write the state, too.
 */
export interface InstanceRegistry {
  /** The instance is there for `ttlMs` from now on; said again in time, it stays. */
  announce(instance: InstanceRecord, ttlMs: number): Awaitable<void>;
  /** Where an instance is reached; undefined when it is not there, or not reached by others. */
  find(instanceId: string): Awaitable<string | undefined>;
  /** Those that are there, in no order. */
  list(): Awaitable<readonly InstanceRecord[]>;
  /** The instance is gone. */
  withdraw(instanceId: string): Awaitable<void>;
}
export const InstanceRegistry = Symbol.for('parley/InstanceRegistry');
