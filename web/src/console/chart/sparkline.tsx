import { scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';

const WIDTH = 120;
const HEIGHT = 28;

/** The course of a figure without numbers, as decoration. */
export function Sparkline({ values }: { readonly values: readonly (number | null)[] }) {
  const known = values.map((value) => value ?? 0);
  if (known.length < 2) return null;
  const x = scaleLinear([0, known.length - 1], [1, WIDTH - 1]);
  const y = scaleLinear([0, Math.max(1, ...known)], [HEIGHT - 1, 3]);
  const at = (_: number, i: number) => x(i);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <path class="area" d={area<number>(at, HEIGHT, y).curve(curveMonotoneX).digits(1)(known) ?? ''} />
      <path class="line" d={line<number>(at, y).curve(curveMonotoneX).digits(1)(known) ?? ''} />
    </svg>
  );
}
