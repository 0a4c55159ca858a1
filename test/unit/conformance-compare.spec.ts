import { describe, expect, it } from '@jest/globals';
import { compare } from '../conformance/compare.mjs';

const outcomes = (...args: Parameters<typeof compare>) =>
  Object.fromEntries(compare(...args).map(({ scenario, outcome }) => [scenario, outcome]));

describe('the verdict on a conformance run', () => {
  it('passes what passes and excepts what is listed and fails', () => {
    const results = { ping: [], sampling: ['no such tool'] };
    expect(outcomes(['ping', 'sampling'], results, { sampling: 'no use for it' })).toEqual({
      ping: 'passed',
      sampling: 'excepted',
    });
  });

  it('fails an unlisted scenario that fails, and says why', () => {
    expect(compare(['ping'], { ping: ['timed out', 'wrong id'] }, {})).toEqual([
      { scenario: 'ping', outcome: 'failed', note: 'timed out; wrong id' },
    ]);
  });

  it('fails a required scenario that gave no result, listed or not', () => {
    expect(outcomes(['ping', 'sampling'], {}, { sampling: 'no use for it' })).toEqual({
      ping: 'failed',
      sampling: 'failed',
    });
  });

  it('fails a listed scenario that passes', () => {
    expect(outcomes(['ping'], { ping: [] }, { ping: 'no use for it' })).toEqual({ ping: 'failed' });
  });

  it('fails an exception for a scenario that the revision does not require', () => {
    expect(outcomes(['ping'], { ping: [], tasks: ['x'] }, { tasks: 'an extension' })).toEqual({
      ping: 'passed',
      tasks: 'failed',
    });
  });

  it.each(['', '  ', null, 1])('fails an exception whose reason is %j', (reason) => {
    expect(outcomes(['ping'], { ping: ['x'] }, { ping: reason })).toEqual({ ping: 'failed' });
  });
});
