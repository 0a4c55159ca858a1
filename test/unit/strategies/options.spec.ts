import { describe, expect, it } from '@jest/globals';
import { checked } from '../../../src/config/checked.js';
import { AffinityOptions, PriorityOptions, SkillsOptions } from '../../../src/matching/strategies/index.js';

const messageOf = (type: new () => object, given: object): string => {
  try {
    checked(type, given, 'options');
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

describe('the options of the built-in strategies', () => {
  it.each([PriorityOptions, AffinityOptions, SkillsOptions])('need none to be given: %p', (type) => {
    expect(checked<object>(type, {}, 'options')).toEqual(new type());
  });

  it('are taken as they are', () => {
    const weights = { plan: { gold: 20, silver: -1.5 } };
    expect(checked(PriorityOptions, { weights, points_per_minute: 0 })).toMatchObject({
      weights,
      points_per_minute: 0,
    });
    const affinity = { interests: 'likes', floor: 0.3, final_floor: 0.3, sink_seconds: 0 };
    expect(checked(AffinityOptions, affinity)).toMatchObject(affinity);
    const stages = [{ after_seconds: 5, proficiency_slack: 1, needs_share: 0.5 }, { after_seconds: 9 }];
    expect(checked(SkillsOptions, { stages }).stages).toMatchObject([
      stages[0],
      { after_seconds: 9, proficiency_slack: 0, needs_share: 1 },
    ]);
    expect(checked(SkillsOptions, { stages: [] }).stages).toEqual([]);
  });

  const points = 'must give points from -1000000 to 1000000 by attribute and value';
  it.each<[new () => object, object, string]>([
    [PriorityOptions, { wieghts: {} }, 'options.wieghts is not a known setting'],
    [PriorityOptions, { weights: { plan: 3 } }, `options.weights ${points}`],
    [PriorityOptions, { weights: { plan: { gold: '3' } } }, `options.weights ${points}`],
    [PriorityOptions, { weights: { plan: { gold: 1e7 } } }, `options.weights ${points}`],
    [PriorityOptions, { weights: [] }, `options.weights ${points}`],
    [PriorityOptions, { points_per_minute: -1 }, 'options.points_per_minute must be a number from 0 to 1000000'],
    [AffinityOptions, { interests: 'a b' }, 'options.interests must be the name of an attribute'],
    [AffinityOptions, { floor: 1.1 }, 'options.floor must be a number from 0 to 1'],
    [AffinityOptions, { floor: '0.5' }, 'options.floor must be a number from 0 to 1'],
    [AffinityOptions, { final_floor: 0.5 }, 'options.final_floor must not be above floor'],
    [AffinityOptions, { sink_seconds: NaN }, 'options.sink_seconds must be a number from 0 to 86400'],
    [SkillsOptions, { stages: {} }, 'options.stages must be a list of stages'],
    [SkillsOptions, { stages: [3] }, 'options.stages'],
    [SkillsOptions, { stages: [{ proficiency_slack: 1.5 }] }, 'proficiency_slack must be a whole number from 0 to 5'],
    [SkillsOptions, { stages: [{ needs_share: 2 }] }, 'options.stages[0].needs_share must be a number from 0 to 1'],
    [SkillsOptions, { stages: [{ slack: 2 }] }, 'options.stages[0].slack is not a known setting'],
    [SkillsOptions, { stages: [{ after_seconds: 5 }, { after_seconds: 5 }] }, 'must be ordered by after_seconds'],
    [SkillsOptions, { stages: Array.from({ length: 17 }, (_, i) => ({ after_seconds: i })) }, 'at most 16 stages'],
  ])('are refused by name: %p %j', (type, given, message) => {
    expect(messageOf(type, given)).toContain(message);
  });
});
