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
import { describeStrategyContract, type StrategyContractOptions } from '../../src/testing/index.js';

const api = { describe, it };

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

describeStrategyContract('fifo', () => new FifoStrategy(), {}, api);
describeStrategyContract('fifo in groups', () => new FifoStrategy(), gregarious, api);
describeStrategyContract('priority', () => new PriorityStrategy(), {}, api);
describeStrategyContract('affinity', () => new AffinityStrategy(), {}, api);
describeStrategyContract('affinity in groups', () => new AffinityStrategy(), gregarious, api);
describeStrategyContract('skills', () => new SkillsStrategy(), skilled, api);
describeStrategyContract('cooldown', () => withCooldown(new FifoStrategy(), 600_000), {}, api);
describeStrategyContract('aging', () => withAging(new AffinityStrategy(), { pointsPerMinute: 1 }), {}, api);
describeStrategyContract('first of two', () => firstOf(new SkillsStrategy(), new AffinityStrategy()), skilled, api);
