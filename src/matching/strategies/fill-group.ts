import type { Ticket } from '../../domain/ticket.js';
import type { MatchContext } from '../matching-strategy.js';

/** How many first companions are tried for a group that may have more than two. */
const MAX_ANCHORS = 32;
/** How many candidates all the tries of one run look at together when the first has failed. */
const MAX_RETRIED = 20_000;
/** After how many candidates a look at the clock is due. */
export const CLOCK_EVERY = 64;

/** What a strategy asks of a group beyond what the engine does. */
export interface FillRules {
  /** Whether a candidate may join the group as it stands. It is asked before the engine's verdict is, so it should be cheap. */
  accepts?(group: readonly Ticket[], candidate: Ticket): boolean;
  /** Whether a group of a size that everybody accepts will do. */
  suffices?(group: readonly Ticket[]): boolean;
}

/**
 * Fills a group greedily: takes each candidate that fits in with those taken before, until nobody else can come or the
 * candidates end, and returns the largest group found on the way whose size everybody accepts now; in the order of the
 * room, that is those who waited first and the subject last. Its cost grows with the number of candidates, never with
 * the number of possible groups: a better group that leaves out somebody who fits is not looked for. A party too large
 * for the seats that are left is passed over.
 *
 * @param seed who is in it from the start, mostly the subject
 * @param candidates best first; those of the seed among them are passed over
 */
export function fillGroup(
  seed: readonly Ticket[],
  candidates: Iterable<Ticket>,
  context: MatchContext,
  rules: FillRules = {},
): Ticket[] | undefined {
  return seed.length > 1 && !context.compatible(seed) ? undefined : new Filling(seed, context, rules).fill(candidates);
}

/**
 * Groups around the subject as `fillGroup` finds them: one for each candidate as the first companion, without those who
 * were that before, so that no two are the same. A group that may have more than two is tried with so many first
 * companions only.
 *
 * @param candidates best first, anew with each call
 */
export function* groupsAround(
  context: MatchContext,
  candidates: () => Iterable<Ticket>,
  rules: FillRules = {},
): Generator<Ticket[]> {
  const { subject } = context;
  const alone = new Filling([subject], context, rules);
  const tried = new Set<string>();
  let left = MAX_RETRIED;
  for (const anchor of unlessLate(candidates(), context)) {
    if (tried.has(anchor.id) || !alone.admits(anchor)) continue;
    const filling = new Filling([subject, anchor], context, rules);
    const group = filling.fill(candidates(), tried.size === 0 ? Infinity : left, tried);
    if (group) yield group;
    // Everybody who waits is in and it is not enough: no other beginning leads further.
    else if (alone.passedOver + filling.passedOver === 0 && !filling.isFull) return;
    if (subject.group.maximum === 2) continue;
    if (tried.size > 0) left -= filling.looked;
    if (tried.add(anchor.id).size === MAX_ANCHORS || left <= 0) return;
  }
}

/** Candidates until the time of the run is up. */
function* unlessLate(candidates: Iterable<Ticket>, context: MatchContext): Generator<Ticket> {
  let looked = 0;
  for (const candidate of candidates) {
    if (++looked % CLOCK_EVERY === 0 && context.signal.aborted) return;
    yield candidate;
  }
}

/** A group while it grows, and the sizes that are still open to it. */
class Filling {
  /** How many candidates did not fit in. */
  passedOver = 0;
  /** How many candidates were looked at. */
  looked = 0;
  readonly #group: Ticket[] = [];
  readonly #ids = new Set<string>();
  #size = 0;
  #minimum = 0;
  #maximum = Infinity;
  #multiple = 1;

  constructor(
    seed: readonly Ticket[],
    private readonly context: MatchContext,
    private readonly rules: FillRules,
  ) {
    for (const ticket of seed) this.#add(ticket);
  }

  get isFull(): boolean {
    return this.#size >= this.#maximum;
  }

  /** Whether somebody not yet in it fits in. */
  admits(candidate: Ticket): boolean {
    if (this.#ids.has(candidate.id)) return false;
    const { rules, context } = this;
    // First the candidate: the engine compares in order, so that the first pairs are the new ones.
    const fits =
      this.#leadsSomewhere(candidate) &&
      (rules.accepts?.(this.#group, candidate) ?? true) &&
      context.compatible([candidate, ...this.#group]);
    if (!fits) this.passedOver++;
    return fits;
  }

  /**
   * @param atMost how many candidates to look at
   * @param without the ids of those to leave out
   */
  fill(candidates: Iterable<Ticket>, atMost = Infinity, without?: ReadonlySet<string>): Ticket[] | undefined {
    let best = this.#isEnough() ? this.#group.length : 0;
    for (const candidate of this.isFull ? [] : unlessLate(candidates, this.context)) {
      if (++this.looked > atMost) break;
      if (without?.has(candidate.id) || !this.admits(candidate)) continue;
      this.#add(candidate);
      if (this.#isEnough()) best = this.#group.length;
      if (this.isFull) break;
    }
    return best === 0 ? undefined : this.#inOrder(best);
  }

  #add(ticket: Ticket): void {
    const { minimum, maximum, multiple } = ticket.group;
    this.#group.push(ticket);
    this.#ids.add(ticket.id);
    this.#size += 1 + ticket.party.length;
    this.#minimum = Math.max(this.#minimum, minimum);
    this.#maximum = Math.min(this.#maximum, maximum);
    this.#multiple = leastCommonMultiple(this.#multiple, multiple);
  }

  /** Whether a size exists that everybody could accept once the candidate is in. */
  #leadsSomewhere(candidate: Ticket): boolean {
    const { group, party } = candidate;
    const least = Math.max(this.#minimum, group.minimum, this.#size + 1 + party.length);
    const most = Math.min(this.#maximum, group.maximum);
    const step = leastCommonMultiple(this.#multiple, group.multiple);
    return Math.floor(most / step) * step >= least;
  }

  #isEnough(): boolean {
    return this.#group.length > 1 && this.context.complete(this.#group) && (this.rules.suffices?.(this.#group) ?? true);
  }

  /** The first so many of the group, in the order of the room. */
  #inOrder(count: number): Ticket[] {
    const { subject } = this.context;
    const others = this.#group.slice(0, count).filter(({ id }) => id !== subject.id);
    others.sort((a, b) => a.enqueuedAt - b.enqueuedAt);
    return others.length === count ? others : [...others, subject];
  }
}

function leastCommonMultiple(a: number, b: number): number {
  if (a === b || b === 1) return a;
  let [divisor, rest] = [a, b];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}
