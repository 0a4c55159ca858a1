import { ConfigurationError } from './checked.js';
import type { Environment } from './environment.js';

/** How what people write is looked at, and what operators may see of it. */
export interface ModerationSettings {
  /** JSON file of words and patterns; null: none. */
  readonly rulesFile: string | null;
  /** A service of one's own that is asked about everything; null: none. */
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  /** How long a moderator that is not built in has to answer, in milliseconds. */
  readonly timeoutMs: number;
  /** What becomes of a text about which a moderator cannot tell: others read it, or it is refused. */
  readonly onFailure: 'open' | 'closed';
  /** Most cases kept. */
  readonly cases: number;
  /** Most entries of the audit log kept. */
  readonly auditEntries: number;
  /** Whether operators may watch named rooms, of which the members are told. */
  readonly namedRooms: boolean;
}

/** @throws ConfigurationError */
export function moderationSettings(env: Environment): ModerationSettings {
  const { MODERATION_URL: url, MODERATION_SECRET: secret, MODERATION_ON_FAILURE: onFailure } = env;
  if (url !== '' && secret === '') throw new ConfigurationError('MODERATION_SECRET is required with MODERATION_URL');
  if (url !== '' && onFailure === '') {
    throw new ConfigurationError(
      'MODERATION_ON_FAILURE is required with MODERATION_URL: open lets messages through while nobody answers there, ' +
        'closed refuses them',
    );
  }
  return Object.freeze({
    rulesFile: env.MODERATION_RULES_FILE === '' ? null : env.MODERATION_RULES_FILE,
    webhook: url === '' ? null : Object.freeze({ url, secret }),
    timeoutMs: env.MODERATION_TIMEOUT_MS,
    onFailure: onFailure === 'open' ? 'open' : 'closed',
    cases: env.CASES_MAX,
    auditEntries: env.AUDIT_ENTRIES_MAX,
    namedRooms: env.SUPERVISION_NAMED_ROOMS,
  });
}
