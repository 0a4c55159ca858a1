import { describe, expect, it } from '@jest/globals';
import { exactly, type Ticket } from '../../../src/domain/ticket.js';
import { SkillsStrategy } from '../../../src/matching/strategies/index.js';
import { ticketOf } from '../../../src/testing/index.js';
import { explained, proposed, toldOf } from '../../support/strategies.js';

const SECOND = 1_000;
const person = (name: string, needs: string[], offers: string[], overrides: Partial<Ticket> = {}) =>
  ticketOf(name, { attributes: { needs, offers }, ...overrides });
const stage = (after_seconds: number, proficiency_slack: number, needs_share: number) => ({
  after_seconds,
  proficiency_slack,
  needs_share,
});
const strategy = new SkillsStrategy({ stages: [stage(10, 1, 1), stage(20, 1, 0.5), stage(30, 1, 0)] });

describe('SkillsStrategy', () => {
  it('brings together those who meet each other’s needs', () => {
    const waiting = [
      person('low', ['sql:2'], ['react:2']),
      person('selfish', ['cobol:1'], ['react:5']),
      person('mutual', ['sql:2'], ['react:3']),
      person('me', ['react:3'], ['sql:2']),
    ];
    expect(proposed(strategy, waiting)).toEqual([['mutual', 'me']]);
  });

  it('lets whoever needs nothing help somebody, and keeps helpers from each other', () => {
    const waiting = [person('mentor', [], ['react:5']), person('other', [], ['sql:5'])];
    expect(proposed(strategy, waiting)).toEqual([]);
    expect(proposed(strategy, [...waiting, person('me', ['react'], [])])).toEqual([['mentor', 'me']]);
  });

  it('lets those who neither need nor offer anything meet each other', () => {
    expect(proposed(strategy, [person('mentor', [], ['go']), person('blank', [], []), ticketOf('me')])).toEqual([
      ['blank', 'me'],
    ]);
  });

  it('widens in stages, each ticket’s own needs by its own waiting', () => {
    const helper = (offers: string[]) => person('helper', [], offers);
    const me = person('me', ['react:3', 'sql:2'], []);
    const after = (seconds: number, offers: string[]) =>
      proposed(strategy, [helper(offers), me], { now: seconds * SECOND }).length;
    expect([after(9, ['react:2', 'sql:2']), after(10, ['react:2', 'sql:2'])]).toEqual([0, 1]);
    expect([after(19, ['react:2']), after(20, ['react:2'])]).toEqual([0, 1]);
    expect([after(29, ['lisp']), after(30, ['lisp'])]).toEqual([0, 1]);

    const fresh = person('fresh', ['sql:4'], ['react:3'], { enqueuedAt: 10 * SECOND });
    const patient = person('patient', ['react:4'], ['sql:3']);
    expect(proposed(strategy, [patient, fresh], { now: 10 * SECOND })).toEqual([]);
    expect(proposed(strategy, [patient, fresh], { now: 20 * SECOND })).toEqual([['patient', 'fresh']]);
  });

  it('wants to be asked again at each stage, and not after the last', () => {
    const ticket = person('me', [], [], { enqueuedAt: 500 });
    const wakes = [0, 10_499, 10_500, 25_000, 30_500].map((now) => strategy.nextWake(ticket, now));
    expect(wakes).toEqual([10_500, 10_500, 20_500, 30_500, undefined]);
  });

  it('prefers the better fit, until somebody has waited much longer', () => {
    const waiting = [
      person('near', [], ['react:2']),
      person('exact', [], ['react:3'], { enqueuedAt: 60 * SECOND }),
      person('me', ['react:3'], [], { enqueuedAt: 50 * SECOND }),
    ];
    const first = (points_per_minute: number) =>
      proposed(new SkillsStrategy({ stages: [stage(10, 1, 1)], points_per_minute }), waiting, { now: 60 * SECOND })[0];
    expect(first(0.1)).toEqual(['exact', 'me']);
    expect(first(1)).toEqual(['near', 'me']);
  });

  it('puts a group together in which everybody’s needs are met by some', () => {
    const group = { group: exactly(3) };
    const waiting = [
      person('a', ['sql'], ['go'], group),
      person('b', ['lisp'], ['perl'], group),
      person('c', ['react'], ['sql'], group),
      person('me', ['go'], ['react'], group),
    ];
    expect(proposed(strategy, waiting)).toEqual([['a', 'c', 'me']]);
    expect(proposed(strategy, waiting, { blocks: [['a', 'c']] })).toEqual([]);
  });

  it('finds those who are of use only once somebody else is in', () => {
    const group = { group: exactly(3) };
    const waiting = [
      person('second', [], ['go'], { ...group, enqueuedAt: -2 }),
      person('first', ['go'], ['react'], { ...group, enqueuedAt: -1 }),
      person('me', ['react'], [], group),
    ];
    expect(proposed(strategy, waiting)).toEqual([['second', 'first', 'me']]);
  });

  it('puts nobody into a group who is neither of further use nor content', () => {
    const group = { group: exactly(3) };
    const waiting = [
      person('helper', [], ['react:5'], group),
      person('late', ['lisp'], ['react:5'], group),
      person('learner', ['react'], [], group),
      person('me', ['react'], [], group),
    ];
    expect(proposed(strategy, waiting)[0]).toEqual(['helper', 'learner', 'me']);
    expect(proposed(strategy, [waiting[1]!, waiting[2]!, waiting[3]!])).toEqual([]);
  });

  it('counts a need that is met below its level for half', () => {
    const lax = new SkillsStrategy({ stages: [stage(0, 1, 0.5)], points_per_minute: 0 });
    const waiting = [
      person('half', [], ['react:3']),
      person('more', [], ['react:3', 'sql:2']),
      person('all', [], ['react:4', 'sql:3']),
      person('me', ['react:3', 'sql:3'], []),
    ];
    expect(proposed(lax, waiting)).toEqual([
      ['all', 'me'],
      ['more', 'me'],
      ['half', 'me'],
    ]);
  });

  it('says who can help whom with what', () => {
    const told = (...people: Ticket[]) => toldOf(strategy, people);
    expect(told(person('a', ['go'], ['sql']), person('me', ['sql'], ['go']))).toEqual([
      'You can help each other with go and sql',
    ]);
    expect(told(person('a', [], ['sql']), person('me', ['SQL'], []))).toEqual([
      'One of you can help the other with sql',
    ]);
    expect(told(ticketOf('a'), ticketOf('me'))).toEqual([
      'You have waited long enough to meet somebody with other skills',
    ]);
    const group = { group: exactly(3) };
    const three = [
      person('a', [], ['go'], group),
      person('b', ['go'], ['sql'], group),
      person('me', ['sql'], [], group),
    ];
    expect(toldOf(strategy, three)).toEqual(['Among you are those who can help with go and sql']);
  });

  it('explains which need nobody meets and when that widens', () => {
    const waiting = [person('a', ['go'], ['react:2', 'sql']), person('me', ['react:3', 'sql'], [])];
    expect(explained(strategy, waiting)).toEqual(['Nobody waiting offers react at level 3; widens in 10 s']);
    const lonely = [person('me', ['react:3', 'sql', 'go:2'], [])];
    expect(explained(strategy, lonely, { now: 12_400 })[0]).toMatch(/react at level 2.*; widens in 8 s$/);
    expect(explained(strategy, lonely, { now: 12_400 })[0]).toMatch(/ or /);
    const narrow = new SkillsStrategy({ stages: [] });
    expect(explained(narrow, [person('me', ['sql'], [])])).toEqual(['Nobody waiting offers sql']);
  });

  it('explains that those who would suit need more, or that nobody needs help', () => {
    const mentor = person('mentor', [], ['sql']);
    expect(explained(strategy, [person('a', ['go'], ['sql']), person('me', ['sql'], [])])).toEqual([
      '1 waiting would suit you but needs more than you offer',
    ]);
    expect(explained(strategy, [mentor])).toEqual(['Nobody waiting needs what you offer']);
    expect(explained(strategy, [person('a', ['sql', 'go'], []), mentor])).toEqual([
      '1 waiting would suit you but needs more than you offer',
    ]);
    const halves = [person('a', [], ['sql']), person('b', [], ['go'])];
    expect(explained(strategy, [...halves, person('me', ['sql', 'go'], [])])).toEqual([
      'Nobody waiting offers all that you need; widens in 10 s',
    ]);
    expect(explained(strategy, [mentor, ticketOf('me')])).toEqual([]);
  });

  it('leaves the explanation to the engine when skills are not what is missing', () => {
    const group = { group: exactly(3) };
    const waiting = [person('mentor', [], ['sql']), person('me', ['sql'], [])];
    expect(explained(strategy, waiting)).toEqual([]);
    expect(explained(strategy, [person('mentor', [], ['sql'], group), person('me', ['sql'], [], group)])).toEqual([]);
  });

  it('writes skills in one way when a ticket comes', () => {
    const ticket = person('me', ['React:3', ' sql '], [], { attributes: { needs: ['React: 3', ' SQL '], team: 'a' } });
    expect(strategy.admit(ticket)).toEqual({ ...ticket, attributes: { needs: ['react:3', 'sql:1'], team: 'a' } });
    expect(strategy.admit(ticketOf('me', { attributes: { offers: 'c++, c#:5,', needs: '' } }))).toMatchObject({
      attributes: { offers: ['c++:1', 'c#:5'], needs: [] },
    });
  });

  it.each(['react:6', 'react:0', ':3', '', 'react:high', '<b>react</b>', 'x'.repeat(41)])(
    'refuses a ticket whose offers hold %j, and says what they must be',
    (offer) => {
      expect(strategy.admit(ticketOf('me', { attributes: { offers: ['sql', offer] } }))).toEqual({
        rejected: true,
        reason: { code: 'not_a_skill', text: 'offers must be skills with a level from 1 to 5, e.g. "react:3"' },
      });
    },
  );
});
