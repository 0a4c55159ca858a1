/** Milliseconds as minutes and seconds: `1:05`; below ten seconds with a tenth: `0:03.2`. */
export function clock(ms: number): string {
  if (ms < 9_950) return `0:0${(ms / 1000).toFixed(1)}`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A share as a percentage. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
