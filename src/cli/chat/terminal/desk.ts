import { complete } from '../commands.js';
import { type Key, LineEditor } from './line-editor.js';
import type { Session } from './session.js';

/** What is being written. */
export interface DeskView {
  readonly text: string;
  /** An index in the text. */
  readonly cursor: number;
  readonly asksName: boolean;
  readonly ended: boolean;
}

/** A session with a keyboard: keys come in, and the view changes at most once for all that come at once. */
export class Desk {
  readonly #editor = new LineEditor();
  readonly #listeners = new Set<() => void>();
  #view: DeskView = { text: '', cursor: 0, asksName: true, ended: false };
  #pasting = false;
  #scheduled = false;
  #ended = false;

  constructor(readonly session: Session) {
    session.subscribe(() => this.#changed());
    void session.ended.then(() => {
      this.#ended = true;
      this.#refresh();
    });
    this.#refresh();
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly view = (): DeskView => this.#view;

  /** A key as node:readline tells it; `typed` is the character, if it is one. */
  press(typed: string | undefined, key: Key): void {
    if (key.name === 'paste-start' || key.name === 'paste-end') this.#pasting = key.name === 'paste-start';
    else if (this.#pasting) this.#editor.insert(typed ?? '');
    else this.#type(typed, key);
    this.#changed();
  }

  #type(typed: string | undefined, key: Key): void {
    const { text } = this.#editor;
    if (key.ctrl && (key.name === 'c' || (key.name === 'd' && text === ''))) void this.session.quit();
    else if (key.name === 'return' && !key.meta) void this.#submit();
    else if (key.name === 'tab') this.#editor.replace(complete(text, (command) => this.session.choices(command)));
    else if (!this.#editor.press(key) && typed !== undefined && !key.ctrl && !key.meta) {
      this.#editor.insert(typed);
      this.session.typing(this.#editor.text);
    }
  }

  async #submit(): Promise<void> {
    const back = await this.session.submit(this.#editor.take());
    // Whatever was typed meanwhile is worth more.
    if (back !== undefined && this.#editor.text === '') this.#editor.replace(back);
    this.#changed();
  }

  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#refresh();
    });
  }

  #refresh(): void {
    const { text, cursor } = this.#editor;
    this.#view = { text, cursor, asksName: this.session.asksName, ended: this.#ended };
    for (const listener of this.#listeners) listener();
  }
}
