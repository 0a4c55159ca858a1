import { describe, expect, it } from '@jest/globals';
import { type Candidate, type Criterion, failedBy, parseCriterion, satisfies } from '../../src/domain/criteria.js';
import { ChatError } from '../../src/domain/errors.js';

const ann: Candidate = {
  provenance: 'human',
  attributes: { language: 'de', level: 3, mentor: true, likes: ['chess', 'hiking'], age: '30' },
};

describe('a criterion', () => {
  it.each<[string, Criterion, boolean]>([
    ['an equal text', { attribute: 'language', equals: 'de' }, true],
    ['another text', { attribute: 'language', equals: 'DE' }, false],
    ['an equal number', { attribute: 'level', equals: 3 }, true],
    ['a number for a text', { attribute: 'age', equals: 30 }, false],
    ['an equal flag', { attribute: 'mentor', equals: true }, true],
    ['a missing attribute', { attribute: 'height', equals: 3 }, false],
    ['what every object inherits', { attribute: 'constructor', equals: 'de' }, false],
    ['one of several', { attribute: 'language', in: ['en', 'de'] }, true],
    ['none of several', { attribute: 'language', in: ['en', 'fr'] }, false],
    ['one of a list', { attribute: 'likes', equals: 'hiking' }, true],
    ['none of a list', { attribute: 'likes', in: ['opera', 'golf'] }, false],
    ['the lower bound', { attribute: 'level', min: 3 }, true],
    ['the upper bound', { attribute: 'level', max: 3 }, true],
    ['a number below the range', { attribute: 'level', min: 4, max: 5 }, false],
    ['a text in a range', { attribute: 'age', min: 0 }, false],
    ['a missing number', { attribute: 'height', max: 3 }, false],
    ['a provenance', { provenance: 'human' }, true],
    ['another provenance', { provenance: ['agent', 'human_via_agent'] }, false],
  ])('about %s holds: %#', (_, criterion, expected) => {
    expect(satisfies(criterion, ann)).toBe(expected);
  });

  it('combines by all, any and none', () => {
    const yes: Criterion = { provenance: 'human' };
    const no: Criterion = { provenance: 'agent' };
    const verdict = (criterion: Criterion) => satisfies(criterion, ann);
    expect([verdict({ all: [yes, yes] }), verdict({ all: [yes, no] })]).toEqual([true, false]);
    expect([verdict({ any: [no, yes] }), verdict({ any: [no, no] })]).toEqual([true, false]);
    expect([verdict({ none: [no, no] }), verdict({ none: [no, yes] })]).toEqual([true, false]);
  });

  it('that is not there is satisfied by anybody', () => {
    expect(satisfies(null, ann)).toBe(true);
    expect(failedBy(null, ann)).toEqual([]);
  });

  it('names each attribute by which a candidate fails it, once, and no other', () => {
    const speaksFrench: Criterion = { attribute: 'language', equals: 'fr' };
    expect(failedBy({ attribute: 'language', equals: 'de' }, ann)).toEqual([]);
    expect(failedBy(speaksFrench, ann)).toEqual(['language']);
    expect(failedBy({ provenance: 'agent' }, ann)).toEqual(['provenance']);
    expect(failedBy({ all: [speaksFrench, { attribute: 'level', min: 3 }, speaksFrench] }, ann)).toEqual(['language']);
    expect(failedBy({ any: [speaksFrench, { attribute: 'level', min: 4 }] }, ann)).toEqual(['language', 'level']);
    expect(failedBy({ any: [speaksFrench, { attribute: 'level', min: 3 }] }, ann)).toEqual([]);
  });

  it('names what is there and should not be', () => {
    const chess: Criterion = { attribute: 'likes', equals: 'chess' };
    const golf: Criterion = { attribute: 'likes', equals: 'golf' };
    const high: Criterion = { attribute: 'level', min: 3 };
    expect(failedBy({ none: [chess, { provenance: 'agent' }] }, ann)).toEqual(['likes']);
    expect(failedBy({ none: [{ all: [chess, high] }] }, ann)).toEqual(['likes', 'level']);
    expect(failedBy({ none: [{ any: [golf, high] }] }, ann)).toEqual(['level']);
    expect(failedBy({ none: [{ none: [golf] }] }, ann)).toEqual(['likes']);
  });
});

describe('reading a criterion', () => {
  it.each<[Criterion]>([
    [{ attribute: 'language', equals: 'de' }],
    [{ attribute: 'level', in: [1, 'two', false] }],
    [{ attribute: 'level', min: -1.5 }],
    [{ attribute: 'level', min: 3, max: 3 }],
    [{ provenance: 'human' }],
    [{ provenance: ['human', 'agent'] }],
    [{ all: [{ any: [{ none: [{ attribute: 'x', equals: true }] }] }, { provenance: 'agent' }] }],
  ])('takes %j as it is', (criterion) => {
    expect(parseCriterion(JSON.parse(JSON.stringify(criterion)))).toEqual(criterion);
  });

  const leaf = { provenance: 'human' };
  const nested = (depth: number): unknown => (depth === 1 ? leaf : { all: [nested(depth - 1)] });
  it.each<[unknown, string]>([
    [null, 'criteria must be an object'],
    ['human', 'criteria must be an object'],
    [[leaf], 'criteria must be an object'],
    [{}, 'criteria must have exactly one of all, any, none, attribute, provenance'],
    [{ min: 3 }, 'criteria must have exactly one of all, any, none, attribute, provenance'],
    [{ all: [leaf], any: [leaf] }, 'criteria must have exactly one of all, any, none, attribute, provenance'],
    [{ ...leaf, equals: 1 }, 'criteria.equals goes with attribute only'],
    [{ attribut: 'x', equals: 1 }, 'criteria has an unknown key: "attribut"'],
    [JSON.parse('{"__proto__":{"provenance":"human"}}'), 'criteria has an unknown key: "__proto__"'],
    [{ any: [] }, 'criteria.any must have 1 to 32 items'],
    [{ any: leaf }, 'criteria.any must be a list'],
    [{ all: Array(33).fill(leaf) }, 'criteria.all must have 1 to 32 items'],
    [{ all: Array(32).fill(leaf) }, 'criteria has more than 32 criteria in all'],
    [{ all: [leaf, { attribute: 'x', min: '3' }] }, 'criteria.all[1].min must be a number'],
    [{ attribute: 'x', max: NaN }, 'criteria.max must be a number'],
    [{ attribute: 'x', equals: Infinity }, 'criteria.equals must be a number'],
    [{ attribute: 'x', min: 2, max: 1 }, 'criteria.min must not be above max'],
    [{ attribute: 'x' }, 'criteria must have exactly one of equals, in and min or max'],
    [{ attribute: 'x', equals: 1, min: 1 }, 'criteria must have exactly one of equals, in and min or max'],
    [{ attribute: '__proto__', equals: 1 }, 'criteria.attribute must be the name of an attribute'],
    [{ attribute: 7, equals: 1 }, 'criteria.attribute must be the name of an attribute'],
    [{ attribute: 'x', equals: null }, 'criteria.equals must be text, a number, true or false'],
    [{ attribute: 'x', equals: ['a'] }, 'criteria.equals must be text, a number, true or false'],
    [{ attribute: 'x', equals: 'a'.repeat(257) }, 'criteria.equals must be at most 256 characters long'],
    [{ attribute: 'x', equals: '\ud800' }, 'criteria.equals is not well-formed Unicode: it holds a lone surrogate'],
    [{ attribute: 'x', in: 'abc' }, 'criteria.in must be a list'],
    [{ attribute: 'x', in: [] }, 'criteria.in must have 1 to 32 items'],
    [{ attribute: 'x', in: Array(33).fill('a') }, 'criteria.in must have 1 to 32 items'],
    [{ attribute: 'x', in: ['a', {}] }, 'criteria.in[1] must be text, a number, true or false'],
    [{ provenance: 'robot' }, 'criteria.provenance must be one of human, agent, human_via_agent'],
    [{ provenance: [] }, 'criteria.provenance must have 1 to 3 items'],
    [{ none: [{ provenance: ['human', 1] }] }, 'criteria.none[0].provenance[1] must be one of human, agent, human_via'],
    [nested(5), 'criteria.all[0].all[0].all[0].all[0] is nested more than 4 deep'],
  ])('refuses %j by naming the path and the rule', (value, message) => {
    let refusal: unknown;
    try {
      parseCriterion(value);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ChatError);
    expect(refusal).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining(message) });
  });

  it('allows four levels and thirty-two criteria', () => {
    expect(parseCriterion(nested(4))).toEqual(nested(4));
    const wide = { all: Array(31).fill(leaf) };
    expect(parseCriterion(wide)).toEqual(wide);
  });
});
