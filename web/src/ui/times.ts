const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR * 1000;

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });

/** The time of day as it is written where the person is. @param at milliseconds since the epoch, here as below */
export const timeOfDay = (at: number) => clock.format(at);

/** Date and time to the second. */
export const fullTime = (at: number) => full.format(at);

export const dayOf = (at: number) => new Date(at).setHours(0, 0, 0, 0);

/** “Today”, “Yesterday” or the date. */
export function dayInWords(at: number, now: number): string {
  const daysAgo = Math.round((dayOf(now) - dayOf(at)) / DAY_MS);
  return daysAgo === 0 ? 'Today' : daysAgo === 1 ? 'Yesterday' : day.format(at);
}

/** A duration as a clock shows it: 0:07, 12:30, 1:02:03. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / MINUTE) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(seconds / HOUR);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}

/** A duration as one says it, rounded: “a few seconds”, “about 40 seconds”, “about 3 minutes”. */
export function roughly(seconds: number): string {
  if (seconds < 8) return 'a few seconds';
  if (seconds < 55) return `about ${Math.round(seconds / 5) * 5} seconds`;
  if (seconds < 90) return 'about a minute';
  if (seconds < HOUR * 0.75) return `about ${Math.round(seconds / MINUTE)} minutes`;
  if (seconds < HOUR * 1.5) return 'about an hour';
  return `about ${Math.round(seconds / HOUR)} hours`;
}

/** 1st, 2nd, 3rd, … */
export function ordinal(n: number): string {
  const suffix = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' }[ordinals.select(n)];
  return `${n}${suffix}`;
}
