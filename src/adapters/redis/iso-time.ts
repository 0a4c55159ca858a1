let last = { at: 0, iso: new Date(0).toISOString() };

/**
 * A time as RFC 3339: many steps and events are of one millisecond, so the last is kept.
 *
 * @param at milliseconds since the epoch
 */
export function isoOf(at: number): string {
  if (last.at !== at) last = { at, iso: new Date(at).toISOString() };
  return last.iso;
}
