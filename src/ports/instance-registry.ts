import type { Awaitable } from './awaitable.js';

/**
 * Which instances of the service there are, and where the others reach them. What stands here is trusted: requests with
 * their credentials are sent there. So whoever may write it must be one who may write the state, too.
 */
export interface InstanceRegistry {
  /** The instance is there for `ttlMs` from now on, at this address; said again in time, it stays. */
  announce(instanceId: string, url: string, ttlMs: number): Awaitable<void>;
  /** Where an instance is reached; undefined when it is not there. */
  find(instanceId: string): Awaitable<string | undefined>;
  /** The instance is gone. */
  withdraw(instanceId: string): Awaitable<void>;
}
export const InstanceRegistry = Symbol.for('parley/InstanceRegistry');
