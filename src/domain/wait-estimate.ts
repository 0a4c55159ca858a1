/** How far back matches count as recent, in milliseconds. */
const HORIZON_MS = 15 * 60_000;
/** Fewer recent matches than this say nothing about the next one. */
const ENOUGH = 3;

/**
 * Seconds until a ticket at `position` (1 = next) is likely to be matched, from the times of recent matches of its
 * kind, oldest first; null when too little is known.
 */
export function estimateWaitSeconds(
  position: number,
  groupSize: number,
  matchedAt: readonly number[],
  now: number,
): number | null {
  const recent = matchedAt.filter((at) => at >= now - HORIZON_MS);
  if (recent.length < ENOUGH) return null;
  const interval = (now - recent[0]!) / recent.length;
  return Math.max(1, Math.round((Math.ceil(position / groupSize) * interval) / 1000));
}
