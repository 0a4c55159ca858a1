const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const date = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

/** The time of day to the second. @param at milliseconds since the epoch */
export const clockTime = (at: number) => clock.format(at);

export const hourAndMinute = (at: number) => clock.format(at).slice(0, 5);

/** Today the time of day, else the date with it. @param at RFC 3339 */
export function moment(at: string, now = Date.now()): string {
  const time = Date.parse(at);
  const isToday = new Date(time).toDateString() === new Date(now).toDateString();
  return isToday ? clock.format(time) : `${date.format(time)}, ${clock.format(time).slice(0, 5)}`;
}

/** How long something has lasted or will, in its two largest units: 45 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return two(Math.floor(whole / MINUTE), 'min', whole % MINUTE, 's');
  if (whole < DAY) return two(Math.floor(whole / HOUR), 'h', Math.floor((whole % HOUR) / MINUTE), 'min');
  return two(Math.floor(whole / DAY), 'd', Math.floor((whole % DAY) / HOUR), 'h');
}

const two = (most: number, unit: string, rest: number, smaller: string) =>
  rest === 0 ? `${most} ${unit}` : `${most} ${unit} ${rest} ${smaller}`;

/** How long ago, or in how long. @param at RFC 3339 */
export function ago(at: string, now = Date.now()): string {
  const seconds = (now - Date.parse(at)) / 1_000;
  if (Math.abs(seconds) < 5) return 'now';
  return seconds > 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
}
