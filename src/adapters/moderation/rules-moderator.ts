import { readFileSync, statSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import type { MessageModerator, Utterance, Verdict } from '../../ports/message-moderator.js';
import { Rules } from './rules.js';

/** How often the file is looked at, in milliseconds. */
const LOOK_MS = 2_000;

/** Words and patterns of a file, which is read again when it changes. */
export class RulesModerator implements MessageModerator {
  readonly name = 'rules';
  readonly #logger = new Logger('Moderation');
  readonly #timer: NodeJS.Timeout;
  /** What the file was like when it was read last. */
  #version: string;
  #rules: Rules;

  /**
   * @param maxCharacters of the longest text; 0: there is no bound
   * @throws Error one line that names the file, the rule and what would be right
   */
  constructor(
    private readonly path: string,
    private readonly maxCharacters: number,
  ) {
    this.#version = versionOf(path);
    this.#rules = this.#read();
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  judge({ text }: Utterance): Verdict {
    return this.#rules.judge(text);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Reads the file again if it has changed; runs by itself. One that is wrong changes nothing. */
  look(): void {
    const version = versionOf(this.path);
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#rules = this.#read();
      this.#logger.log({ msg: 'moderation rules read' });
    } catch (error) {
      this.#logger.error({ msg: 'moderation rules not read, those known stay', error: (error as Error).message });
    }
  }

  #read(): Rules {
    const json = readFileSync(this.path, 'utf8');
    try {
      return Rules.parse(json, this.maxCharacters);
    } catch (error) {
      throw new Error(`${this.path}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Differs when a file was changed or put in another's place; empty when there is none. */
function versionOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? [stat.ino, stat.mtimeMs, stat.size].join() : '';
}
