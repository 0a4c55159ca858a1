import { graphemes } from './columns.js';

/** A key as node:readline tells it. */
export interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

const REMEMBERED = 100;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** The line that a person writes, with the keys that shells have. Positions are indices between graphemes. */
export class LineEditor {
  #text = '';
  #cursor = 0;
  readonly #past: string[] = [];
  /** Which line of the past is shown; its length means the one that is being written. */
  #recalled = 0;
  #draft = '';

  get text(): string {
    return this.#text;
  }

  get cursor(): number {
    return this.#cursor;
  }

  replace(text: string): void {
    this.#text = text;
    this.#cursor = text.length;
  }

  /** Takes the line away, and remembers it for ↑. */
  take(): string {
    const text = this.#text;
    if (text.trim() !== '' && text !== this.#past.at(-1)) this.#past.push(text);
    if (this.#past.length > REMEMBERED) this.#past.shift();
    this.#recalled = this.#past.length;
    this.replace('');
    return text;
  }

  /** Writes at the cursor; control characters but newlines and tabs are left out. */
  insert(text: string): void {
    const clean = text.replace(/\r\n?/g, '\n').replace(CONTROLS, '');
    this.#text = this.#before + clean + this.#after;
    this.#cursor += clean.length;
  }

  /** Whether the key means something here; if so, it is done. */
  press({ name = '', ctrl = false, meta = false }: Key): boolean {
    const key = `${ctrl ? 'ctrl-' : ''}${meta ? 'meta-' : ''}${name}`;
    const action = KEYS[key];
    action?.(this);
    return action !== undefined;
  }

  get #before(): string {
    return this.#text.slice(0, this.#cursor);
  }

  get #after(): string {
    return this.#text.slice(this.#cursor);
  }

  /** Moves the cursor to an index. */
  #go(to: number): void {
    this.#cursor = Math.max(0, Math.min(this.#text.length, to));
  }

  /** Deletes between the cursor and an index. */
  #cut(to: number): void {
    const [from, until] = [Math.min(this.#cursor, to), Math.max(this.#cursor, to)];
    this.#text = this.#text.slice(0, from) + this.#text.slice(until);
    this.#cursor = from;
  }

  #recall(step: 1 | -1): void {
    const to = this.#recalled + step;
    if (to < 0 || to > this.#past.length) return;
    if (this.#recalled === this.#past.length) this.#draft = this.#text;
    this.#recalled = to;
    this.replace(this.#past[to] ?? this.#draft);
  }

  get #left(): number {
    return this.#cursor - (graphemes(this.#before).at(-1)?.length ?? 0);
  }

  get #right(): number {
    return this.#cursor + (graphemes(this.#after)[0]?.length ?? 0);
  }

  get #wordLeft(): number {
    return this.#before.replace(/\S*\s*$/, '').length;
  }

  get #wordRight(): number {
    return this.#cursor + /^\s*\S*/.exec(this.#after)![0].length;
  }

  get #lineStart(): number {
    return this.#before.lastIndexOf('\n') + 1;
  }

  get #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#cursor);
    return end < 0 ? this.#text.length : end;
  }

  static readonly keys: Readonly<Record<string, (line: LineEditor) => void>> = {
    left: (line) => line.#go(line.#left),
    'ctrl-b': (line) => line.#go(line.#left),
    right: (line) => line.#go(line.#right),
    'ctrl-f': (line) => line.#go(line.#right),
    'ctrl-left': (line) => line.#go(line.#wordLeft),
    'meta-left': (line) => line.#go(line.#wordLeft),
    'meta-b': (line) => line.#go(line.#wordLeft),
    'ctrl-right': (line) => line.#go(line.#wordRight),
    'meta-right': (line) => line.#go(line.#wordRight),
    'meta-f': (line) => line.#go(line.#wordRight),
    home: (line) => line.#go(line.#lineStart),
    'ctrl-a': (line) => line.#go(line.#lineStart),
    end: (line) => line.#go(line.#lineEnd),
    'ctrl-e': (line) => line.#go(line.#lineEnd),
    backspace: (line) => line.#cut(line.#left),
    'ctrl-h': (line) => line.#cut(line.#left),
    delete: (line) => line.#cut(line.#right),
    'ctrl-d': (line) => line.#cut(line.#right),
    'meta-backspace': (line) => line.#cut(line.#wordLeft),
    'ctrl-w': (line) => line.#cut(line.#wordLeft),
    'meta-d': (line) => line.#cut(line.#wordRight),
    'ctrl-u': (line) => line.#cut(line.#lineStart),
    'ctrl-k': (line) => line.#cut(line.#lineEnd),
    up: (line) => line.#recall(-1),
    'ctrl-p': (line) => line.#recall(-1),
    down: (line) => line.#recall(1),
    'ctrl-n': (line) => line.#recall(1),
    'meta-return': (line) => line.insert('\n'),
    'meta-enter': (line) => line.insert('\n'),
    enter: (line) => line.insert('\n'),
  };
}

const KEYS = LineEditor.keys;
