import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.js';

const run = promisify(execFile);
const PATIENCE_MS = 60_000;

export interface WindowOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Real terminals, on a server of their own. */
export class Tmux {
  readonly #folder = mkdtempSync(join(tmpdir(), 'parley-tmux-'));

  constructor(private readonly program: string) {}

  /** Runs a program in a new window. Nothing of this process's environment reaches it but what is given. */
  async open(
    [program, ...args]: readonly [string, ...string[]],
    { columns = 80, rows = 24, env = {} }: WindowOptions = {},
  ): Promise<TerminalWindow> {
    const settings = Object.entries({ PATH: process.env['PATH'] ?? '', TERM: 'tmux-256color', ...env });
    const command = ['env', '-i', 'LC_ALL=C.UTF-8', ...settings.map(([name, value]) => `${name}=${value}`), program];
    const size = ['-x', String(columns), '-y', String(rows)];
    // A window stays when its program has ended, so that its last words and exit code can be read.
    const keep = ['set-option', '-g', 'remain-on-exit', 'on', ';', 'set-option', '-g', 'history-limit', '5000', ';'];
    const pane = await this.command(
      ...['start-server', ';', ...keep, 'new-session', '-d', '-P', '-F', '#{pane_id}', ...size, ...command, ...args],
    );
    return new TerminalWindow(this, pane.trim());
  }

  async command(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(this.program, ['-u', '-S', join(this.#folder, 'socket'), '-f', '/dev/null', ...args]);
    return stdout;
  }

  async close(): Promise<void> {
    // It is no matter if no window was ever opened.
    await this.command('kill-server').catch(() => undefined);
    rmSync(this.#folder, { recursive: true });
  }
}

/** One of them. */
export class TerminalWindow {
  constructor(
    private readonly tmux: Tmux,
    private readonly pane: string,
  ) {}

  /** Types text as it is, then presses keys by their names, e.g. `Enter` or `C-c`. */
  async type(text: string, ...keys: readonly string[]): Promise<void> {
    if (text !== '') await this.tmux.command('send-keys', '-t', this.pane, '-l', '--', text);
    if (keys.length > 0) await this.tmux.command('send-keys', '-t', this.pane, ...keys);
  }

  /** Pastes text, told apart from typing as terminals do. */
  async paste(text: string): Promise<void> {
    await this.tmux.command('set-buffer', '--', text, ';', 'paste-buffer', '-p', '-d', '-t', this.pane);
  }

  /** What stands on it, without what has scrolled away. */
  screen(): Promise<string> {
    return this.tmux.command('capture-pane', '-p', '-t', this.pane);
  }

  /** All that was ever printed, lines that the terminal wrapped made whole; `escapes`: with colours. */
  everything({ escapes = false } = {}): Promise<string> {
    const flags = ['-p', '-J', '-S', '-', ...(escapes ? ['-e'] : [])];
    return this.tmux.command('capture-pane', ...flags, '-t', this.pane);
  }

  /** A fact that tmux knows, by its name in the manual, e.g. `cursor_x`. */
  async fact(name: string): Promise<string> {
    return (await this.tmux.command('display-message', '-p', '-t', this.pane, `#{${name}}`)).trim();
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.tmux.command('resize-window', '-t', this.pane, '-x', String(columns), '-y', String(rows));
  }

  /** Waits until the screen shows it; fails with what it shows instead. */
  async shows(what: string | RegExp): Promise<string> {
    let screen = '';
    const isThere = async () => {
      screen = await this.screen();
      return typeof what === 'string' ? screen.includes(what) : what.test(screen);
    };
    await until(`${what}`, isThere, PATIENCE_MS).catch(() => {
      throw new Error(`Waited in vain for ${what} on this screen:\n${screen}`);
    });
    return screen;
  }

  /** The exit code, once the program has ended. */
  async ended(): Promise<number> {
    await until('the program to end', async () => (await this.fact('pane_dead')) === '1', PATIENCE_MS);
    return Number(await this.fact('pane_dead_status'));
  }
}
