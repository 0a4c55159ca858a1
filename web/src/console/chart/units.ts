export type Unit = 'count' | 'per_minute' | 'seconds';

/** A value as it stands on an axis or in a read-out. */
export function shown(value: number | null, unit: Unit): string {
  if (value === null) return '–';
  return unit === 'seconds' ? duration(value) : number(value);
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function number(value: number): string {
  if (value >= 10_000) return compact.format(value);
  return (value >= 100 || Number.isInteger(value) ? whole : fine).format(value);
}

/** Two digits that matter, in the unit that fits: 0.2 ms, 15 ms, 2.5 s, 3 min, 1.5 h, 2 d. */
export function duration(seconds: number): string {
  if (seconds === 0) return '0 s';
  if (seconds < 1) return `${fewDigits(seconds * 1_000)} ms`;
  if (seconds < 60) return `${fewDigits(seconds)} s`;
  if (seconds < 3_600) return `${fewDigits(seconds / 60)} min`;
  return seconds < 86_400 ? `${fewDigits(seconds / 3_600)} h` : `${fewDigits(seconds / 86_400)} d`;
}

const fewDigits = (value: number) => (value >= 10 ? String(Math.round(value)) : String(Number(value.toPrecision(2))));
