import { describe, expect, it } from '@jest/globals';
import {
  ConnectionLost,
  type Conversation,
  type Happening,
  Refusal,
  type Ticket,
  ToolFailure,
} from '../../../src/client/index.js';
import { dayInWords, ordinal, roughly, stopwatch } from '../../../web/src/ui/times.js';
import {
  estimateInWords,
  failureInWords,
  happeningInWords,
  namesOf,
  positionInWords,
} from '../../../web/src/ui/words.js';

describe('times', () => {
  it.each([
    [0, '0:00'],
    [7_900, '0:07'],
    [12 * 60_000 + 30_000, '12:30'],
    [3_723_000, '1:02:03'],
    [-5_000, '0:00'],
  ])('shows %i ms as %s', (ms, shown) => expect(stopwatch(ms)).toBe(shown));

  it.each([
    [3, 'a few seconds'],
    [42, 'about 40 seconds'],
    [60, 'about a minute'],
    [200, 'about 3 minutes'],
    [3_600, 'about an hour'],
    [7_300, 'about 2 hours'],
  ])('rounds %i s to %s', (seconds, said) => expect(roughly(seconds)).toBe(said));

  it('counts as one does', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 103].map(ordinal)).toEqual(
      ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '22nd', '103rd'], // prettier-ignore
    );
  });

  it('names days by how far away they are, over a change of the clock too', () => {
    const now = new Date(2026, 9, 26, 1).getTime();
    const day = (month: number, date: number) => dayInWords(new Date(2026, month, date, 23).getTime(), now);
    expect([day(9, 26), day(9, 25), day(4, 12)]).toEqual(['Today', 'Yesterday', 'Tuesday, May 12']);
  });
});

describe('words', () => {
  it('lists names', () => {
    const people = ['Ann', 'Ben', 'Cy', 'Di', 'Ed'].map((displayName) => ({ displayName }));
    expect([0, 1, 2, 3, 5].map((count) => namesOf(people.slice(0, count)))).toEqual([
      '',
      'Ann',
      'Ann and Ben',
      'Ann, Ben and Cy',
      'Ann, Ben and 3 others',
    ]);
  });

  it('tells the place in the queue', () => {
    const ticket = (position: number | null, queueLength: number) => ({ position, queueLength }) as Ticket;
    expect(positionInWords(ticket(1, 1))).toBe('You are the only one waiting right now.');
    expect(positionInWords(ticket(1, 4))).toBe('You are first in line, of 4 waiting.');
    expect(positionInWords(ticket(3, 4))).toBe('You are 3rd in line, of 4 waiting.');
    expect(positionInWords(ticket(null, 4))).toBe('Your place is being kept.');
    expect(estimateInWords(null)).toBe('Too early to tell');
    expect(estimateInWords(20)).toBe('About 20 seconds');
  });

  it('says of an operator what it does', () => {
    const words = (what: Happening) =>
      happeningInWords({ kind: 'happening', key: what, what, at: 0 }, {} as Conversation);
    expect(words('watched')).toBe('An operator is watching this conversation');
    expect(words('unwatched')).toBe('No operator is watching any more');
    expect(words('stopped')).toBe('An operator has ended the conversation');
    const failure = (code: string, message: string) => failureInWords(new ToolFailure(message, code, '', false));
    expect(failure('banned', 'You have been excluded until noon')).toBe(
      'You have been excluded until noon by an operator.',
    );
    expect(failure('muted', 'You may not write')).toMatch(/You may not write: an operator/);
  });

  it('says what went wrong and what to do, never in words meant for a model', () => {
    const failure = (code: string, message: string, after?: number) =>
      failureInWords(new ToolFailure(message, code, 'Call enter_queue again.', true, after));
    expect(failure('rate_limited', 'Too many joins', 4)).toBe('That was a little fast. Try again in 4 seconds.');
    expect(failure('room_full', 'Room is full')).toMatch(/Choose another name/);
    expect(failure('invalid_arguments', 'display_name must not be blank')).toBe('Display name must not be blank.');
    expect(failureInWords(new ConnectionLost('x'))).toMatch(/no connection/);
    expect(failureInWords(new Refusal('it is not allowed'))).toBe('It is not allowed.');
    expect(failureInWords(new TypeError('x is undefined'))).toBe('Something went wrong. Try again.');
  });
});
