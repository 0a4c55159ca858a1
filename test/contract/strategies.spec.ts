import { describe, it } from '@jest/globals';
import type { Ticket } from '../../src/domain/ticket.js';
import {
  AffinityStrategy,
  FifoStrategy,
  firstOf,
  PriorityStrategy,
  SkillsStrategy,
  withAging,
  withCooldown,
} from '../../src/matching/index.js';
import { describeStrategyContract, type MakeStrategy, type StrategyContractOptions } from '../../src/testing/index.js';

/** Runs the contract; how long an arrival takes is measured elsewhere and need not be short on a busy machine. */
const keepsTheContract = (name: string, make: MakeStrategy, options: StrategyContractOptions = {}) =>
  describeStrategyContract(name, make, { budgetMs: 250, ...options }, { describe, it });

const SKILLS = ['css', 'go', 'react', 'sql', 'testing'];

/** Somebody who needs one thing and offers others. */
const skilled: StrategyContractOptions = {
  ticket: (random): Partial<Ticket> => {
    const skill = () => SKILLS[Math.floor(random() * SKILLS.length)]!;
    const level = () => 1 + Math.floor(random() * 5);
    return { attributes: { needs: [`${skill()}:${level()}`], offers: SKILLS.map((name) => `${name}:${level()}`) } };
  },
};

/** Groups that would rather be large. */
const gregarious: StrategyContractOptions = {
  ticket: (random): Partial<Ticket> => ({
    attributes: { interests: random() < 0.5 ? ['chess', 'tea'] : ['tea'], languages: ['en'] },
    group: { minimum: 3, maximum: 4, multiple: 1, patienceMs: 60_000 },
  }),
};

keepsTheContract('fifo', () => new FifoStrategy());
keepsTheContract('fifo in groups', () => new FifoStrategy(), gregarious);
keepsTheContract('priority', () => new PriorityStrategy());
keepsTheContract('affinity', () => new AffinityStrategy());
keepsTheContract('affinity in groups', () => new AffinityStrategy(), gregarious);
keepsTheContract('skills', () => new SkillsStrategy(), skilled);
keepsTheContract('cooldown', () => withCooldown(new FifoStrategy(), 600_000));
keepsTheContract('aging', () => withAging(new AffinityStrategy(), { pointsPerMinute: 1 }));
keepsTheContract('first of two', () => firstOf(new SkillsStrategy(), new AffinityStrategy()), skilled);
