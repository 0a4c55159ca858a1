import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeStrategyContract, MatchingBench, meet, ticketOf } from 'mcp-parley/testing';
import RatingStrategy from '../src/index.js';

const rated = (name: string, rating: number) => ticketOf(name, { attributes: { rating } });
const typical = {
  ticket: (random: () => number) => ({ attributes: { rating: 1_000 + Math.floor(random() * 1_000) } }),
};

describeStrategyContract('rating', () => new RatingStrategy(), typical, { describe, it });

describe('RatingStrategy', () => {
  it('brings together those of similar rating, although somebody else has waited longer', () => {
    const people = [rated('ann', 1_900), rated('ben', 1_200), rated('cleo', 1_250)];
    assert.deepEqual(meet(new RatingStrategy(), people), [['ben', 'cleo']]);
  });

  it('accepts less similar ones after a wait', () => {
    const people = [rated('ann', 1_000), rated('ben', 1_250)];
    assert.deepEqual(meet(new RatingStrategy(), people, 39_000), []);
    assert.deepEqual(meet(new RatingStrategy(), people, 40_000), [['ann', 'ben']]);
  });

  it('refuses a ticket without a rating', () => {
    const arrival = new MatchingBench(new RatingStrategy()).arrive(ticketOf('ann'));
    assert.deepEqual(arrival, {
      status: 'refused',
      reason: { code: 'no_rating', text: 'Say your rating in attributes.rating' },
    });
  });

  it('says why somebody waits, and for how long', () => {
    const bench = new MatchingBench(new RatingStrategy());
    for (const person of [rated('ann', 1_000), rated('ben', 2_000)]) bench.arrive(person);
    bench.pass(5_000);
    assert.deepEqual(bench.explain('ann'), [
      { code: 'rating_too_different', text: '1 waiting has too different a rating; widens in 15 s' },
    ]);
  });
});
