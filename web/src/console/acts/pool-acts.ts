import type { Pool, PoolMode } from '../api/answers.js';
import type { Act, Desk } from '../desk.js';
import { waitingInWords } from '../words.js';

/** What an operator can make of a pool; what it is already is not offered. */
export const modesFor = (pool: Pool): readonly PoolMode[] =>
  (['open', 'paused', 'draining'] as const).filter((mode) => mode !== pool.mode);

export const MODE_ACTIONS: Readonly<Record<PoolMode, string>> = { open: 'Resume', paused: 'Pause', draining: 'Drain' };

/** Pausing, draining or resuming a pool. */
export function modeAct({ api }: Desk, { pool, waiting }: Pool, mode: PoolMode): Act {
  const action = MODE_ACTIONS[mode];
  const what: Readonly<Record<PoolMode, string>> = {
    open: 'People enter it, and those who wait are matched, as usual.',
    paused: `People can still enter it and wait, but nobody is matched until you resume it. Chats go on. ${waitingInWords(waiting)}`,
    draining: `Nobody can enter it any more. Those who wait are still matched, and chats go on. ${waitingInWords(waiting)}`,
  };
  return {
    title: `${action} the pool “${pool}”?`,
    what: `${what[mode]} This holds on every instance within a second.`,
    action,
    dangerous: mode === 'draining',
    act: () => api.changePool(pool, { mode }),
    done: { open: `“${pool}” is open again.`, paused: `“${pool}” is paused.`, draining: `“${pool}” is draining.` }[
      mode
    ],
  };
}
