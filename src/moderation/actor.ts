import { notAllowed } from '../domain/errors.js';

/** Who operates. */
export interface Actor {
  /** As the audit log names them. */
  readonly principal: string;
  readonly scopes: ReadonlySet<string>;
}

const MODERATES = ['parley:moderate', 'parley:admin'];

/** @throws ChatError `not_allowed` */
export function requireModerator({ scopes }: Actor): void {
  if (MODERATES.some((scope) => scopes.has(scope))) return;
  throw notAllowed('Only moderators may do this', 'It needs the scope parley:moderate.');
}
