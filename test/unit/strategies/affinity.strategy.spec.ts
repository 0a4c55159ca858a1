import { describe, expect, it } from '@jest/globals';
import { exactly, type Ticket } from '../../../src/domain/ticket.js';
import { AffinityStrategy } from '../../../src/matching/strategies/index.js';
import { ticketOf } from '../../../src/testing/index.js';
import { contextOf, explained, proposed, toldOf } from '../../support/strategies.js';

const SECOND = 1_000;
const person = (name: string, interests: string, languages = '', seconds = 0, overrides: Partial<Ticket> = {}) =>
  ticketOf(name, { attributes: { interests, languages }, enqueuedAt: seconds * SECOND, ...overrides });
const strategy = new AffinityStrategy({ floor: 0.5, final_floor: 0.1, sink_seconds: 100, points_per_minute: 0 });

describe('AffinityStrategy', () => {
  it('brings together those who share most', () => {
    const waiting = [person('a', 'opera, golf'), person('b', 'chess, hiking, jazz'), person('c', 'chess, hiking')];
    const [first] = strategy.propose(contextOf([...waiting, person('me', 'hiking, chess')]));
    expect(first).toMatchObject({ tickets: ['ticket-of-c', 'ticket-of-me'], score: 1 });
    expect(proposed(strategy, [...waiting, person('me', 'Chess , HIKING')])).toEqual([
      ['c', 'me'],
      ['b', 'me'],
    ]);
  });

  it('takes lists as well as texts with commas', () => {
    const listed = ticketOf('a', { attributes: { interests: ['chess', 'jazz'] } });
    expect(proposed(strategy, [listed, person('me', 'jazz,chess')])).toEqual([['a', 'me']]);
  });

  it('weighs interests and languages', () => {
    const waiting = [person('reader', 'books', 'fr'), person('speaker', 'films', 'de'), person('me', 'books', 'de')];
    const first = (interest_weight: number, language_weight: number) =>
      proposed(new AffinityStrategy({ floor: 0.5, interest_weight, language_weight }), waiting)[0];
    expect(first(3, 1)).toEqual(['reader', 'me']);
    expect(first(1, 3)).toEqual(['speaker', 'me']);
  });

  it('turns down those who share too little until the floor of either has sunk', () => {
    const waiting = [person('a', 'chess, jazz, golf'), person('me', 'chess, cats', '', 50)];
    expect(proposed(strategy, waiting, { now: 50 * SECOND })).toEqual([]);
    expect(proposed(strategy, waiting, { now: 69 * SECOND })).toEqual([]);
    expect(proposed(strategy, waiting, { now: 70 * SECOND })).toEqual([['a', 'me']]);
    expect(proposed(strategy, waiting, { now: 70 * SECOND, subject: waiting[0] })).toEqual([['me', 'a']]);
  });

  it('never goes below the final floor', () => {
    const waiting = [person('a', 'chess'), person('me', 'golf')];
    expect(proposed(strategy, waiting, { now: 1e9 })).toEqual([]);
    const forAll = new AffinityStrategy({ final_floor: 0, sink_seconds: 100 });
    expect(proposed(forAll, waiting, { now: 99 * SECOND })).toEqual([]);
    expect(proposed(forAll, waiting, { now: 100 * SECOND })).toEqual([['a', 'me']]);
  });

  it('wants to be asked again at each step of the sinking floor, and not after the last', () => {
    const ticket = person('me', 'chess', '', 5);
    const wakes = [];
    for (let now: number | undefined = ticket.enqueuedAt; now !== undefined; now = strategy.nextWake(ticket, now)) {
      wakes.push(now / SECOND);
    }
    expect(wakes).toEqual([5, 15, 25, 35, 45, 55, 65, 75, 85, 95, 105]);
    expect(new AffinityStrategy({ floor: 0, final_floor: 0 }).nextWake(ticket, 5)).toBeUndefined();
    expect(new AffinityStrategy({ sink_seconds: 0 }).nextWake(ticket, 5)).toBeUndefined();
  });

  it('lets the score of those who wait grow, so that nobody starves behind others who fit better', () => {
    const waiting = [person('odd', 'golf'), person('twin', 'chess', '', 1_190), person('me', 'chess', '', 1_200)];
    const first = (points_per_minute: number) =>
      proposed(new AffinityStrategy({ points_per_minute }), waiting, { now: 1_200 * SECOND })[0];
    expect(first(0)).toEqual(['twin', 'me']);
    expect(first(0.1)).toEqual(['odd', 'me']);
  });

  it('fills a group with those who are close to each of it', () => {
    const group = { group: exactly(3) };
    const waiting = [
      person('chess', 'chess', '', 0, group),
      person('jazz', 'jazz', '', 0, group),
      person('both', 'chess,jazz', '', 0, group),
      person('me', 'chess', '', 0, group),
    ];
    expect(proposed(strategy, waiting)[0]).toEqual(['chess', 'both', 'me']);
  });

  it('says what all of a group share, in words that all of them wrote', () => {
    expect(toldOf(strategy, [person('a', 'Chess, hiking', 'de, en'), person('b', 'chess,Hiking', 'EN,DE,fr')])).toEqual(
      ['You both like Chess and hiking', 'You both speak German and English'],
    );
    const group = { group: exactly(3) };
    const three = [person('a', 'chess', 'Klingon', 0, group), person('b', 'chess', 'klingon', 0, group)];
    expect(toldOf(strategy, [...three, person('c', 'chess, golf', 'klingon', 0, group)])).toEqual([
      'You all like chess',
      'You all speak Klingon',
    ]);
  });

  it('has words when nobody shares anything, or only some do', () => {
    const anybody = new AffinityStrategy({ floor: 0 });
    expect(toldOf(anybody, [person('a', ''), person('me', 'chess')])).toEqual([
      'You have waited long enough to meet somebody with other interests',
    ]);
    const group = { group: exactly(3) };
    const some = [person('a', 'chess', '', 0, group), person('b', 'golf', '', 0, group)];
    expect(toldOf(anybody, [...some, person('me', 'chess', '', 0, group)])).toEqual([
      'Some of you share interests or languages',
    ]);
  });

  it('names few words, and none that is a whole story', () => {
    const long = 'x'.repeat(41);
    const [told] = toldOf(strategy, [person('a', `${long},a,b,c,d`), person('me', `${long},a,b,c,d`)]);
    expect(told).toBe('You both like a, b and c');
  });

  it('explains that those who wait share too little, and when that changes', () => {
    const waiting = [person('a', 'golf'), person('b', 'jazz'), person('c', 'chess'), person('me', 'chess')];
    expect(explained(strategy, waiting.slice(1), { now: 3_500 })).toEqual([
      '1 waiting shares too little with you yet; the bar sinks again in 7 s',
    ]);
    expect(explained(strategy, waiting, { now: 3_500 })[0]).toMatch(/^2 waiting share too little with you yet;/);
    expect(explained(strategy, waiting, { now: 1e9 })).toEqual(['2 waiting share too little with you yet']);
    expect(explained(strategy, waiting.slice(2))).toEqual([]);
  });

  it('counts whatever any member of a party has', () => {
    const friend = person('friend', 'chess');
    const party = person('party', 'golf', '', 0, { group: exactly(3), party: [friend] });
    expect(proposed(strategy, [party, person('me', 'chess', '', 0, { group: exactly(3) })])).toEqual([['party', 'me']]);
  });
});
