import type { Reason } from '../../domain/ticket.js';

/** Most reasons of one answer, and most characters of one text. */
const MAX_REASONS = 10;
const MAX_CHARACTERS = 500;

/** Whatever of a strategy's answer are reasons, within bounds; nothing else of it is kept. */
export function reasonsOf(answer: unknown): readonly Reason[] {
  if (!Array.isArray(answer)) return [];
  const reasons: Reason[] = [];
  for (const item of answer.slice(0, MAX_REASONS) as (Partial<Reason> | null | undefined)[]) {
    const { code, text } = item ?? {};
    if (typeof code !== 'string' || typeof text !== 'string') continue;
    reasons.push({ code: code.slice(0, MAX_CHARACTERS), text: text.slice(0, MAX_CHARACTERS) });
  }
  return reasons;
}
