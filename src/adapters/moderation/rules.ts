import { PlainText } from './plain-text.js';
import { waysToMatch } from './pattern-ways.js';
import { WordList } from './word-list.js';
import type { Verdict } from '../../ports/message-moderator.js';

/** In how many ways a pattern may try to match from one place, so that no text takes long. */
const WAYS_MAX = 10_000;

const ACTIONS = ['mask', 'refuse', 'flag'] as const;
const KEYS = ['words', 'pattern', 'action', 'reason'];

interface Rule {
  readonly action: (typeof ACTIONS)[number];
  readonly reason: string;
}

interface Match {
  readonly rule: Rule;
  /** In the plain text. */
  readonly start: number;
  readonly end: number;
}

const PASS: Verdict = { verdict: 'pass' };

/** Words and patterns, and what is to become of a text that holds them. */
export class Rules {
  readonly #words = new WordList<Rule>();
  readonly #patterns: { readonly pattern: RegExp; readonly rule: Rule }[] = [];

  private constructor(private readonly maxCharacters: number) {}

  /**
   * @param json a list of rules
   * @param maxCharacters of the longest text; 0: there is no bound
   * @throws Error one line that names the rule and what would be right
   */
  static parse(json: string, maxCharacters: number): Rules {
    let list: unknown;
    try {
      list = JSON.parse(json);
    } catch (error) {
      throw new Error(`it is no JSON: ${(error as Error).message}`, { cause: error });
    }
    if (!Array.isArray(list))
      throw new Error('it must be a JSON list of rules, e.g. [{"words":["darn"],"action":"mask"}]');
    const rules = new Rules(maxCharacters);
    list.forEach((item: unknown, i) => {
      try {
        rules.#add(item);
      } catch (error) {
        throw new Error(`rule ${i + 1}: ${(error as Error).message}`, { cause: error });
      }
    });
    return rules;
  }

  judge(text: string): Verdict {
    const plain = new PlainText(text);
    const matches: Match[] = this.#words.find(plain).map(({ value: rule, start, end }) => ({ rule, start, end }));
    for (const { pattern, rule } of this.#patterns) {
      for (const { 0: found, index: start } of plain.text.matchAll(pattern)) {
        if (found !== '') matches.push({ rule, start, end: start + found.length });
      }
    }
    if (matches.length === 0) return PASS;
    const of = (action: Rule['action']) => matches.filter(({ rule }) => rule.action === action);
    const [refused] = of('refuse');
    if (refused) return { verdict: 'refuse', reason: refused.rule.reason };
    const [flagged] = of('flag');
    const masked = mask(plain, of('mask'));
    return flagged ? { verdict: 'flag', reason: flagged.rule.reason, text: masked } : { verdict: 'mask', text: masked };
  }

  #add(item: unknown): void {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw new Error('it must be an object');
    const { words, pattern, action, reason = '' } = item as Readonly<Record<string, unknown>>;
    const unknown = Object.keys(item).find((key) => !KEYS.includes(key));
    if (unknown !== undefined)
      throw new Error(`${JSON.stringify(unknown)} is not known; it may hold ${KEYS.join(', ')}`);
    if (!ACTIONS.includes(action as Rule['action'])) throw new Error('action must be mask, refuse or flag');
    if (typeof reason !== 'string' || reason.length > 200)
      throw new Error('reason must be text of at most 200 characters');
    if (action !== 'mask' && reason.trim() === '')
      throw new Error(`reason is required with the action ${String(action)}`);
    if ((words === undefined) === (pattern === undefined)) throw new Error('it must have either words or a pattern');
    const rule = { action: action as Rule['action'], reason };
    if (words === undefined) this.#patterns.push({ pattern: this.#patternOf(pattern), rule });
    else this.#addWords(words, rule);
  }

  #addWords(words: unknown, rule: Rule): void {
    if (!Array.isArray(words) || words.length === 0) throw new Error('words must be a list of at least one word');
    for (const word of words as unknown[]) {
      if (typeof word === 'string' && this.#words.add(word, rule)) continue;
      throw new Error(`${JSON.stringify(word)} is no word: use letters, digits, spaces, - and ', or a pattern`);
    }
  }

  #patternOf(source: unknown): RegExp {
    if (typeof source !== 'string') throw new Error('pattern must be text');
    let pattern: RegExp;
    try {
      pattern = new RegExp(source, 'giu');
    } catch (error) {
      throw new Error(`pattern: ${(error as Error).message}`, { cause: error });
    }
    const ways = waysToMatch(source, this.maxCharacters || Infinity);
    if (ways <= WAYS_MAX) return pattern;
    throw new Error(
      `pattern ${source} could take very long on some texts: give repetitions an upper bound, e.g. {1,64} in place of + ` +
        'or *, nest none, and refer back to nothing',
    );
  }
}

/** Each character that is seen becomes an asterisk; nothing else moves. */
function mask(plain: PlainText, matches: readonly Match[]): string {
  let text = '';
  let at = 0;
  for (const { start, end } of matches.toSorted((one, other) => one.start - other.start)) {
    const [from, to] = plain.range(start, end);
    if (to <= at) continue;
    text += plain.original.slice(at, Math.max(at, from));
    text += plain.original.slice(Math.max(at, from), to).replaceAll(/\S/gu, '*');
    at = to;
  }
  return text + plain.original.slice(at);
}
