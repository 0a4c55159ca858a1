export { AffinityOptions, AffinityStrategy } from './affinity.strategy.js';
export { firstOf, withAging, withCooldown } from './combinators.js';
export { FifoStrategy } from './fifo.strategy.js';
export { fillGroup, type FillRules } from './fill-group.js';
export { PriorityOptions, PriorityStrategy } from './priority.strategy.js';
export { SkillsOptions, SkillsStrategy, SkillStage } from './skills.strategy.js';
