import type { MatchContext } from './matching-strategy.js';
import type { Run } from './strategy-runner.js';

/** What a strategy gets to know of a run; the same in every thread. */
export function createContext(_run: Run): MatchContext {
  throw new Error('not yet');
}
