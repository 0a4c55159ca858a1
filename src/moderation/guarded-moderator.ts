import { Logger } from '@nestjs/common';
import { moderationUnavailable } from '../domain/errors.js';
import { requireLabel, requireMessage } from '../domain/text.js';
import type { MessageModerator, Utterance, Verdict } from '../ports/message-moderator.js';
import { ModeratorFigures } from './moderator-figures.js';

export interface GuardSettings {
  /** How long a verdict may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly onFailure: 'open' | 'closed';
  /** Bounds on what a masked text may be; 0 lifts one. */
  readonly messageMaxCharacters: number;
  readonly displayNameMaxCharacters: number;
}

/** How many failures in a row end the asking, and for how long, in milliseconds, before it is tried again. */
const FAILURES_MAX = 5;
const PAUSE_MS = 5_000;
/** Most verdicts under way at a time. */
const UNDER_WAY_MAX = 200;
/** Longest reason of a verdict, in characters. */
const REASON_MAX = 200;

const NEVER = new AbortController().signal;
const PASS: Verdict = { verdict: 'pass' };

/**
 * A moderator that always answers in time: one that fails, or says what makes no sense, is as good as its failure is
 * configured to be, and one that keeps failing is left alone for a while.
 */
export class GuardedModerator {
  readonly figures = new ModeratorFigures();
  readonly #logger = new Logger('Moderation');
  #underWay = 0;
  #failures = 0;
  /** When it is asked again, in milliseconds of the process's own clock; undefined while all is well. */
  #retryAt: number | undefined;

  constructor(
    readonly moderator: MessageModerator,
    private readonly settings: GuardSettings,
  ) {}

  get name(): string {
    return this.moderator.name;
  }

  /** @throws ChatError `unavailable`, when it cannot tell and then nothing is to be let through */
  async judge(utterance: Utterance): Promise<Verdict> {
    if (!this.#mayAsk()) return this.#failed();
    const began = performance.now();
    this.#underWay++;
    try {
      const verdict = this.#checked(await this.#asked(utterance), utterance.kind);
      this.figures.verdicts[verdict.verdict]++;
      this.#answers();
      return verdict;
    } catch (error) {
      this.#fails(error);
      return this.#failed();
    } finally {
      this.#underWay--;
      this.figures.took((performance.now() - began) * 1_000);
    }
  }

  /** One verdict tells whether it answers again. */
  #mayAsk(): boolean {
    if (this.#underWay >= UNDER_WAY_MAX) return false;
    if (this.#retryAt === undefined) return true;
    if (performance.now() < this.#retryAt) return false;
    this.#retryAt = performance.now() + PAUSE_MS;
    return true;
  }

  /** One that does not mind the signal is not waited for either. */
  async #asked(utterance: Utterance): Promise<Verdict> {
    const { moderator } = this;
    // A signal costs as much as a verdict by rules: whoever does not take it need not pay for it.
    const giveUp = moderator.judge.length > 1 ? new AbortController() : undefined;
    const asked = moderator.judge(utterance, giveUp?.signal ?? NEVER);
    if (!(asked instanceof Promise)) return asked;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${this.settings.timeoutMs} ms`));
        giveUp?.abort();
      }, this.settings.timeoutMs);
    });
    try {
      return await Promise.race([asked, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws Error when it is no verdict */
  #checked(given: unknown, kind: Utterance['kind']): Verdict {
    const { verdict, text, reason } = (given ?? {}) as Partial<Record<string, unknown>>;
    switch (verdict) {
      case 'pass':
        return PASS;
      case 'mask':
        return { verdict, text: this.#readable(text, kind) };
      case 'refuse':
        return { verdict, reason: reasonOf(reason) };
      case 'flag':
        return { verdict, reason: reasonOf(reason), ...(text !== undefined && { text: this.#readable(text, kind) }) };
      default:
        throw new Error('the answer is no verdict');
    }
  }

  /** What others are to read must be what somebody could have written. */
  #readable(text: unknown, kind: Utterance['kind']): string {
    if (typeof text !== 'string') throw new Error('the answer has no text');
    if (kind === 'display_name') return requireLabel('text', text, this.settings.displayNameMaxCharacters);
    requireMessage(text, this.settings.messageMaxCharacters);
    return text;
  }

  #answers(): void {
    this.#failures = 0;
    if (this.#retryAt === undefined) return;
    this.#retryAt = undefined;
    this.#logger.log({ msg: 'moderator answers again', moderator: this.name });
  }

  #fails(error: unknown): void {
    this.#failures++;
    if (this.#failures !== FAILURES_MAX) return;
    this.#retryAt = performance.now() + PAUSE_MS;
    const meanwhile = this.settings.onFailure === 'open' ? 'messages pass' : 'messages are refused';
    this.#logger.error({ msg: 'moderator fails', moderator: this.name, meanwhile, error: wordsOf(error) });
  }

  #failed(): Verdict {
    this.figures.failures++;
    if (this.settings.onFailure === 'open') return PASS;
    throw moderationUnavailable();
  }
}

function reasonOf(reason: unknown): string {
  if (typeof reason !== 'string') throw new Error('the answer has no reason');
  return requireLabel('reason', reason.replaceAll(/\s+/g, ' ').slice(0, REASON_MAX), 0);
}

/** What failed, without what anybody wrote. */
function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === undefined ? message : `${message}: ${code}`;
}
