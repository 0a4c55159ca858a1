export { BestFirstEvaluator } from './engine/best-first.evaluator.js';
export { type Decision, type FailureKind } from './engine/decision-log.js';
export { DefaultStrategyLoader } from './loading/default.strategy-loader.js';
export type { EvaluatorProvider, HostProvider, StrategyProvider } from './loading/strategy-provider.js';
export {
  MATCHING_API_VERSION,
  type MatchContext,
  MatchingStrategy,
  type MatchTrigger,
  type Proposal,
  type Rejection,
  type StrategyClass,
  StrategyOptions,
} from './matching-strategy.js';
export { MatchingEngine } from './matching.engine.js';
export { MatchingModule, type MatchingOptions } from './matching.module.js';
export type { PoolStatistics } from './engine/pool-statistics.js';
export { type CheckedProposal, ProposalEvaluator, type Proposals } from './proposal-evaluator.js';
export {
  AffinityOptions,
  AffinityStrategy,
  FifoStrategy,
  fillGroup,
  type FillRules,
  firstOf,
  PriorityOptions,
  PriorityStrategy,
  SkillsOptions,
  SkillsStrategy,
  SkillStage,
  withAging,
  withCooldown,
} from './strategies/index.js';
export { StrategyLoader } from './strategy-loader.js';
// The testing kit asks strategies as the engine does.
export { InProcessRunner } from './engine/in-process.runner.js';
export { createContext } from './engine/match-context.js';
export { CHECKS } from './engine/proposal-check.js';
export type { Run, StrategyRunner } from './strategy-runner.js';
export { Turn } from './engine/turn.js';
