import { UsageError } from '../usage-error.js';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** When a time such as `90s`, `30m`, `2h` or `7d` from now is over; undefined without one. @throws UsageError */
export function untilOf(text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw new UsageError(`--for must be a time such as 90s, 30m, 2h or 7d, not ${JSON.stringify(text)}`);
  return new Date(now + Number(count) * UNITS[unit as keyof typeof UNITS]).toISOString();
}

/** How long ago something was, in one or two units: `3m 20s`. */
export function since(at: string | null, now: number): string {
  if (at === null) return '-';
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  const parts: string[] = [];
  let left = seconds;
  for (const [name, size] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(left / size);
    left %= size;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}
