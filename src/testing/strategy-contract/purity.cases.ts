import assert from 'node:assert/strict';
import type { Cases, It } from './cases.js';
import type { Reach } from './outside-world.js';
import type { Sample } from './trial.js';

export const purityCases: Cases = (it) => {
  it('proposes the same for the same tickets, time and seed', (trial) => {
    const { samples, strategy, make } = trial;
    const again = [trial.survey(strategy), trial.survey(make())];
    for (const [i, sample] of samples.entries()) {
      for (const repeated of again) assert.equal(textOf(repeated[i]!), textOf(sample), sample.where);
    }
  });

  it('changes no ticket it is shown', ({ samples }) => {
    for (const { changedTickets, where } of samples) assert.ok(!changedTickets, where);
  });

  staysAway(it, 'time', 'takes the time from its context');
  staysAway(it, 'chance', 'takes chance from its context');
  staysAway(it, 'timers', 'starts nothing that runs later');
  staysAway(it, 'network', 'speaks to nobody');
};

function staysAway(it: It, reach: Reach, promise: string): void {
  it(promise, ({ samples }) => {
    for (const { reached, where } of samples) assert.ok(!reached.has(reach), `${where}: it reached for ${reach}`);
  });
}

const textOf = ({ proposals }: Sample) => JSON.stringify(proposals);
