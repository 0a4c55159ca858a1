/** `chess`, `chess and hiking`, `chess, go and hiking`. */
export function listed(words: readonly string[], last = 'and'): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** How long until a time, in words; at least a second. */
export const inSeconds = (until: number, now: number) => `in ${Math.max(1, Math.ceil((until - now) / 1000))} s`;
