import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { messageRefused, nameRefused, rateLimited } from '../domain/errors.js';
import { Clock } from '../ports/clock.js';
import { ConfiguredModerators, MessageModerator, type Utterance } from '../ports/message-moderator.js';
import { GuardedModerator } from './guarded-moderator.js';
import { RecentRates } from './recent-rates.js';

/** Most verdicts under way on what one participant writes: nobody takes the time that others need. */
const UNDER_WAY_MAX = 4;

/** What others may read of a text. */
export interface Passed {
  readonly text: string;
  /** Whether it is not what was written. */
  readonly masked: boolean;
  /** Why operators are to look at it; none: they are not. */
  readonly flags: readonly string[];
}

/** Asks the moderators about what people write, one after the other: built-in rules, the webhook, the application's own. */
@Injectable()
export class ModerationGate implements OnModuleDestroy {
  /** Whether there is anybody to ask; when there is not, `judge` need not be called. */
  readonly active: boolean;
  readonly moderators: readonly GuardedModerator[];
  readonly #underWay = new Map<string, number>();
  /** Nobody has moderators asked more often than it may write: what is refused does not count towards the state's own rate. */
  readonly #rates: RecentRates;

  constructor(
    @Inject(ConfiguredModerators) configured: ConfiguredModerators,
    @Inject(MessageModerator) own: MessageModerator | null,
    @Inject(ParleyConfig) config: ParleyConfig,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const { moderation, messageMaxCharacters, displayNameMaxCharacters, state } = config;
    const settings = { ...moderation, messageMaxCharacters, displayNameMaxCharacters };
    const all = own ? [...configured, own] : configured;
    this.#rates = new RecentRates('messages', state.messageRate);
    this.moderators = all.map((moderator) => new GuardedModerator(moderator, settings));
    this.active = this.moderators.length > 0;
  }

  onModuleDestroy(): void {
    for (const { moderator } of this.moderators) moderator.close?.();
  }

  /** @throws ChatError `message_refused`; `rate_limited`; `unavailable`, when a moderator cannot tell */
  async judge(utterance: Utterance): Promise<Passed> {
    const { participantId } = utterance;
    if (participantId === undefined) return this.#judge(utterance);
    const underWay = this.#underWay.get(participantId) ?? 0;
    if (underWay >= UNDER_WAY_MAX) throw rateLimited('messages', 1);
    this.#rates.take(participantId, this.clock.now());
    this.#underWay.set(participantId, underWay + 1);
    try {
      return await this.#judge(utterance);
    } finally {
      const left = this.#underWay.get(participantId)! - 1;
      if (left === 0) this.#underWay.delete(participantId);
      else this.#underWay.set(participantId, left);
    }
  }

  async #judge(utterance: Utterance): Promise<Passed> {
    let { text } = utterance;
    const flags: string[] = [];
    for (const moderator of this.moderators) {
      const verdict = await moderator.judge({ ...utterance, text });
      switch (verdict.verdict) {
        case 'pass':
          break;
        case 'mask':
          text = verdict.text;
          break;
        case 'refuse':
          throw utterance.kind === 'message' ? messageRefused(verdict.reason) : nameRefused(verdict.reason);
        case 'flag':
          flags.push(`${moderator.name}: ${verdict.reason}`);
          text = verdict.text ?? text;
      }
    }
    return { text, masked: text !== utterance.text, flags };
  }
}
