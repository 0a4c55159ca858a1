import { describe, expect, it } from '@jest/globals';
import { waysToMatch } from '../../../src/adapters/moderation/pattern-ways.js';
import { Rules } from '../../../src/adapters/moderation/rules.js';

const LONGEST = 4_000;

const rulesOf = (...rules: readonly object[]) => Rules.parse(JSON.stringify(rules), LONGEST);
const masking = (...words: readonly string[]) => rulesOf({ words, action: 'mask' });

/** What others read of a text. */
function masked(rules: Rules, text: string): string {
  const verdict = rules.judge(text);
  return verdict.verdict === 'mask' ? verdict.text : text;
}

describe('word rules', () => {
  it.each([
    ['as it is', 'you darn thing', 'you **** thing'],
    ['in capitals', 'DARN it', '**** it'],
    ['at either end', 'darn', '****'],
    ['next to punctuation', '"darn!", (darn)', '"****!", (****)'],
    ['with underscores around', '_darn_', '_****_'],
    ['more than once', 'darn, darn', '****, ****'],
    ['in full-width letters', 'ｄａｒｎ it', '**** it'],
    ['in mathematical letters', '𝐝𝐚𝐫𝐧 it', '**** it'],
    ['with zero-width spaces', 'd\u200bar\u2060n it', '****** it'],
    ['with soft hyphens and joiners', 'd\u00ada\u200drn', '******'],
    ['with its letters struck out', 'd\u0336a\u0336r\u0336n\u0336!', '********!'],
    ['behind what nobody sees', '\u200bdarn\u200b!', '\u200b****\u200b!'],
  ])('find a word %s', (_, text, expected) => {
    expect(masked(masking('darn'), text)).toBe(expected);
  });

  it.each(['darning needles', 'undarned', 'darn1', 'd arn', 'da-rn', '', '😀', '\u200b'])(
    'leave %j as it is',
    (text) => {
      expect(rulesOf({ words: ['darn'], action: 'mask' }).judge(text)).toEqual({ verdict: 'pass' });
    },
  );

  it('find words whatever way their letters are written', () => {
    const rules = masking('café', 'Straße', 'σοφός', 'İstanbul', '한국', 'ﬁne');
    for (const text of ['cafe\u0301', 'CAFÉ', 'strasse', 'STRASSE', 'straße', 'ΣΟΦΌΣ', 'i\u0307stanbul', 'fine']) {
      expect(masked(rules, text)).toMatch(/^\*+$/);
    }
    expect(masked(rules, '한국'.normalize('NFD'))).toMatch(/^\*+$/);
    expect(masked(rules, 'cafe')).toBe('cafe');
  });

  it('find phrases whatever stands between their words, and the longest of several', () => {
    const rules = rulesOf({ words: ['go', 'go away', 'go away now'], action: 'mask' });
    expect(masked(rules, 'go')).toBe('**');
    expect(masked(rules, 'Go,\n away! Please')).toBe('***\n ****! Please');
    expect(masked(rules, 'go away now and go-away')).toBe('** **** *** and *******');
    expect(masked(rules, 'gone away')).toBe('gone away');
  });

  it('find words within scripts that put no spaces between them', () => {
    const rules = masking('坏人', 'ばか', 'ไอ้โง่');
    expect(masked(rules, '你是坏人吗')).toBe('你是**吗');
    expect(masked(rules, 'このばかもの')).toBe('この**もの');
    expect(masked(rules, 'ไอ้โง่จริง')).toBe('******จริง');
    expect(masked(rules, '坏了的人')).toBe('坏了的人');
  });

  it('leave everything around a masked word as it was', () => {
    const rules = masking('darn', 'رديء');
    expect(masked(rules, '👨‍👩‍👧 darn 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ﷺ ﬁ e\u0301')).toBe('👨‍👩‍👧 **** 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ﷺ ﬁ e\u0301');
    expect(masked(rules, 'هذا رديء جدا')).toBe('هذا **** جدا');
    expect(masked(rules, 'ｄａｒｎ\u200b\n\tdarn 👍🏽')).toBe('****\u200b\n\t**** 👍🏽');
  });

  it('cost the same however many there are', () => {
    const listOf = (count: number) => Array.from({ length: count }, (_, i) => `word${i.toString(36)}`);
    const [few, many] = [masking(...listOf(10)), masking(...listOf(10_000), 'two words')];
    expect(masked(many, 'a word9z of two words')).toBe('a ****** of *** *****');
    const text = 'Good morning, how is the weather where you are? It rains here, and two cats look out.';
    /** The best of several rounds: others use the machine, too. */
    const cost = (rules: Rules) =>
      Math.min(
        ...Array.from({ length: 20 }, () => {
          const began = performance.now();
          for (let i = 0; i < 200; i++) rules.judge(text);
          return performance.now() - began;
        }),
      );
    cost(few);
    expect(cost(many)).toBeLessThan(4 * cost(few));
  });
});

describe('rules', () => {
  it('refuse before they flag, and flag what they mask', () => {
    const rules = rulesOf(
      { words: ['one'], action: 'mask' },
      { words: ['two'], action: 'flag', reason: 'counts' },
      { words: ['three'], action: 'refuse', reason: 'counts too far' },
    );
    expect(rules.judge('one two')).toEqual({ verdict: 'flag', reason: 'counts', text: '*** two' });
    expect(rules.judge('two one three')).toEqual({ verdict: 'refuse', reason: 'counts too far' });
    expect(rules.judge('zero')).toEqual({ verdict: 'pass' });
  });

  it('find words within phrases of other rules', () => {
    const rules = rulesOf(
      { words: ['go away now', 'go away'], action: 'mask' },
      { words: ['go'], action: 'flag', reason: 'sends somebody' },
      { words: ['away now please'], action: 'refuse', reason: 'begs' },
    );
    expect(rules.judge('go away now')).toEqual({ verdict: 'flag', reason: 'sends somebody', text: '** **** ***' });
    expect(rules.judge('go away now, please')).toEqual({ verdict: 'refuse', reason: 'begs' });
  });

  it('find patterns in texts without what nobody sees', () => {
    const rules = rulesOf(
      { pattern: '\\b\\d{4}[ -]?\\d{4}\\b', action: 'mask' },
      { pattern: 'https?://\\S+', action: 'refuse', reason: 'no links' },
    );
    expect(masked(rules, 'my number: 1234-5\u200b678, 👍')).toBe('my number: **********, 👍');
    expect(masked(rules, '１２３４ ５６７８')).toBe('**** ****');
    expect(rules.judge('see HTTPS://example.org')).toEqual({ verdict: 'refuse', reason: 'no links' });
  });

  it('mask what several of them find once', () => {
    const rules = rulesOf({ words: ['darn it'], action: 'mask' }, { pattern: 'it now', action: 'mask' });
    expect(masked(rules, 'darn it now, please')).toBe('**** ** ***, please');
  });

  it.each([
    ['no JSON', '{', /^it is no JSON: /],
    ['no list', '{"words":["a"]}', /^it must be a JSON list of rules/],
    ['no object', '[1]', /^rule 1: it must be an object$/],
    ['unknown keys', '[{"word":"a","action":"mask"}]', /^rule 1: "word" is not known; it may hold words, pattern/],
    ['no action', '[{"words":["a"]}]', /^rule 1: action must be mask, refuse or flag$/],
    ['neither words nor pattern', '[{"action":"mask"}]', /^rule 1: it must have either words or a pattern$/],
    ['both', '[{"words":["a"],"pattern":"a","action":"mask"}]', /either words or a pattern/],
    ['no reason', '[{"words":["a"],"action":"flag"}]', /^rule 1: reason is required with the action flag$/],
    ['no words', '[{"words":["a"],"action":"mask"},{"words":[],"action":"mask"}]', /^rule 2: words must be a list/],
    ['what is no word', '[{"words":["c++"],"action":"mask"}]', /^rule 1: "c\+\+" is no word: use letters/],
    ['nothing to see', '[{"words":["\\u200b"],"action":"mask"}]', /is no word/],
    ['no pattern', '[{"pattern":"(","action":"mask"}]', /^rule 1: pattern: Invalid regular expression/],
    ['a slow pattern', '[{"pattern":"(a+)+$","action":"mask"}]', /^rule 1: pattern \(a\+\)\+\$ could take very long/],
  ])('refuse a file with %s', (_, json, message) => {
    expect(() => Rules.parse(json, LONGEST)).toThrow(message);
  });
});

describe('the ways of a pattern', () => {
  it.each([
    ['abc', 1],
    ['a|bc|d', 3],
    ['ab?c?', 4],
    ['\\d{13,19}', 7],
    ['[(*+?|)\\]]+', LONGEST],
    ['\\p{L}\\u{1f600}(?<year>\\d{4})', 1],
    ['(?:foo|bar){1,3}', 14],
    ['(?=a|b)(?!c)(?<=d)', 2],
    ['https?://\\S+', 2 * LONGEST],
    ['\\S{1,64}@\\S{1,64}', 4_096],
  ])('%s: %i', (pattern, ways) => {
    expect(waysToMatch(pattern, LONGEST)).toBe(ways);
  });

  it.each(['(a+)+', '(a|b)*', '(a?){40}', '(a)\\1', '(?<x>a)\\k<x>', '\\S+@\\S+', '.*bad.*', 'a?'.repeat(30)])(
    '%s has too many',
    (pattern) => {
      expect(waysToMatch(pattern, LONGEST)).toBeGreaterThan(10_000);
    },
  );

  it('are few enough for the worst of texts', () => {
    for (const pattern of ['\\d+x', 'a?a+b', '\\w{1,99}@\\w{1,99}', '(?:a|aa){1,12}b']) {
      expect(waysToMatch(pattern, LONGEST)).toBeLessThanOrEqual(10_000);
      const rules = rulesOf({ pattern, action: 'mask' });
      const began = performance.now();
      for (const unit of ['1', 'a', '𝟏', '㌖']) rules.judge(unit.repeat(LONGEST));
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });
});
