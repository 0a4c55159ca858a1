/**
 * In how many ways a regular expression may try to match from one place of a text, at most. What backtracks without end
 * has no bound: a repetition within an unbounded one, or a back-reference.
 *
 * @param pattern valid with the flag `u`
 * @param longest how often an unbounded repetition may go round: the length of the longest text
 */
export function waysToMatch(pattern: string, longest: number): number {
  return new PatternReader(pattern, longest).alternatives();
}

class PatternReader {
  #at = 0;

  constructor(
    private readonly pattern: string,
    private readonly longest: number,
  ) {}

  /** Up to the end, or the end of the group. */
  alternatives(): number {
    let sum = 0;
    let ways = 1;
    while (this.#at < this.pattern.length && this.#next !== ')') {
      if (this.#take('|')) {
        sum += ways;
        ways = 1;
      } else {
        const once = this.#atom();
        ways *= this.#repeated(once);
      }
    }
    return sum + ways;
  }

  get #next(): string | undefined {
    return this.pattern[this.#at];
  }

  #take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #atom(): number {
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) {
      while (!this.#take(']')) this.#at += this.#next === '\\' ? 2 : 1;
    } else if (this.#take('\\')) {
      if (/[1-9k]/.test(this.#next!)) return Infinity;
      this.#at++;
      // \p{…}, \u{…}: what follows in braces is no repetition.
      if (/[pPu]/.test(this.pattern[this.#at - 1]!) && this.#next === '{')
        this.#at = this.pattern.indexOf('}', this.#at) + 1;
    } else {
      this.#at += String.fromCodePoint(this.pattern.codePointAt(this.#at)!).length;
    }
    return 1;
  }

  #group(): number {
    const kind = /^\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:)/.exec(this.pattern.slice(this.#at));
    this.#at += kind?.[0].length ?? 0;
    const ways = this.alternatives();
    this.#at++;
    return ways;
  }

  #repeated(once: number): number {
    const [found, least, comma, most] = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(this.pattern.slice(this.#at)) ?? [];
    if (found === undefined) return once;
    this.#at += found.length;
    this.#take('?');
    if (found === '?') return once + 1;
    const isUnbounded = found === '*' || found === '+' || (comma === ',' && most === '');
    if (isUnbounded) return once === 1 ? this.longest : Infinity;
    const [from, to] = [Number(least), comma === '' ? Number(least) : Number(most)];
    let ways = 0;
    for (let times = from; times <= to && ways < Infinity; times++) ways += once ** times;
    return ways;
  }
}
