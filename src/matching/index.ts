export { FifoStrategy } from './fifo.strategy.js';
export { MatchingEngine } from './matching.engine.js';
export { MatchingModule, type StrategyProvider } from './matching.module.js';
export {
  type MatchContext,
  MatchingStrategy,
  type MatchTrigger,
  type Proposal,
  type Rejection,
} from './matching-strategy.js';
