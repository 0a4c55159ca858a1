import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/** The first value that is neither undefined nor false; fails with what was waited for. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(5);
  }
}
