import type { Verdict } from '../ports/message-moderator.js';

/** Upper bounds in microseconds. */
const BOUNDS = [
  10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
];

/** What a moderator has said since the start. */
export class ModeratorFigures {
  readonly verdicts: Record<Verdict['verdict'], number> = { pass: 0, mask: 0, refuse: 0, flag: 0 };
  /** How often it could not tell. */
  failures = 0;
  readonly bounds: readonly number[] = BOUNDS;
  /** Verdicts by how long they took, in microseconds; one more than there are bounds. */
  readonly counts = new Array<number>(BOUNDS.length + 1).fill(0);
  /** Microseconds. */
  sum = 0;

  took(micros: number): void {
    const bucket = BOUNDS.findIndex((bound) => micros <= bound);
    this.counts[bucket < 0 ? BOUNDS.length : bucket]!++;
    this.sum += micros;
  }
}
