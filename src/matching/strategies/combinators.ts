import { membersOf, type Reason, type Ticket } from '../../domain/ticket.js';
import type { MatchContext, MatchingStrategy, Proposal } from '../matching-strategy.js';
import { explained, groupAgePoints } from './ranking.js';

/** In how many steps after an arrival those are looked at again whose cooldown may have ended. */
const COOLDOWN_STEPS = 10;

/**
 * A strategy that keeps two apart for a time after they have met, as far as their meeting is still known. A pool's own
 * cooldown does the same whatever its strategy; this one serves where only a part of a strategy shall obey it.
 *
 * @param ms how long, in milliseconds; 0 or more
 * @throws RangeError
 */
export function withCooldown(strategy: MatchingStrategy, ms: number): MatchingStrategy {
  if (!(ms >= 0)) throw new RangeError('The time of a cooldown must be 0 or more milliseconds');
  const stepMs = Math.max(1, Math.ceil(ms / COOLDOWN_STEPS));
  return {
    ...passedOn(strategy),
    name: `cooldown(${strategy.name})`,

    *propose(context) {
      const rested = isRested(context, ms);
      const watched = new WatchedContext(context, rested);
      for (const proposal of strategy.propose(watched)) {
        const group = watched.ticketsOf(proposal);
        if (!group || rested(group)) yield proposal;
      }
    },

    // Whoever it met before it came is free again this long after it came at the latest.
    nextWake(ticket, now) {
      const step = ticket.enqueuedAt + (Math.floor((now - ticket.enqueuedAt) / stepMs) + 1) * stepMs;
      return earliest([strategy.nextWake?.(ticket, now), step < ticket.enqueuedAt + ms + stepMs ? step : undefined]);
    },

    explainWait(ticket, context) {
      const rested = isRested(context, ms);
      const met = Array.from(explained(context)).filter((candidate) => !rested([ticket, candidate])).length;
      const reasons = strategy.explainWait?.(ticket, new WatchedContext(context, rested)) ?? [];
      const who = met === 1 ? '1 waiting has' : `${met} waiting have`;
      return met === 0 ? reasons : [{ code: 'met_recently', text: `${who} met you only recently` }, ...reasons];
    },
  };
}

/**
 * A strategy whose scores rise with the time that the longest waiting of the subject's companions has waited, so that
 * nobody waits for ever behind others who fit better. Proposals without a score stay as they are.
 *
 * @param options what a minute of waiting adds to a score; 0 or more
 * @throws RangeError
 */
export function withAging(
  strategy: MatchingStrategy,
  { pointsPerMinute }: { readonly pointsPerMinute: number },
): MatchingStrategy {
  if (!(pointsPerMinute >= 0)) throw new RangeError('The points for a minute of waiting must be 0 or more');
  return {
    ...passedOn(strategy),
    name: `aging(${strategy.name})`,

    *propose(context) {
      const watched = new WatchedContext(context);
      for (const proposal of strategy.propose(watched)) {
        const group = proposal.score === undefined ? undefined : watched.ticketsOf(proposal);
        const others = group?.filter(({ id }) => id !== context.subject.id) ?? [];
        if (others.length === 0) yield proposal;
        else yield { ...proposal, score: proposal.score! + groupAgePoints(others, context.now, pointsPerMinute) };
      }
    },
  };
}

/**
 * Strategies one after the other: the next one is asked when the one before has no proposal. A ticket passes all of them
 * to be admitted.
 *
 * @throws RangeError without any strategy
 */
export function firstOf(...strategies: readonly MatchingStrategy[]): MatchingStrategy {
  if (strategies.length === 0) throw new RangeError('There must be at least one strategy to ask');
  return {
    name: `first-of(${strategies.map(({ name }) => name).join(',')})`,

    admit(ticket) {
      let admitted = ticket;
      for (const strategy of strategies) {
        const verdict = strategy.admit?.(admitted) ?? admitted;
        if ('rejected' in verdict) return verdict;
        admitted = verdict;
      }
      return admitted;
    },

    *propose(context) {
      for (const strategy of strategies) {
        let hasProposed = false;
        for (const proposal of strategy.propose(context)) {
          hasProposed = true;
          yield proposal;
        }
        if (hasProposed) return;
      }
    },

    nextWake: (ticket, now) => earliest(strategies.map((strategy) => strategy.nextWake?.(ticket, now))),

    explainWait(ticket, context) {
      for (const strategy of strategies) {
        const reasons = strategy.explainWait?.(ticket, context) ?? [];
        if (reasons.length > 0) return reasons;
      }
      return [];
    },
  };
}

/** What a combinator leaves to the strategy it wraps. */
function passedOn(strategy: MatchingStrategy): Required<Omit<MatchingStrategy, 'name' | 'propose'>> {
  return {
    admit: (ticket) => strategy.admit?.(ticket) ?? ticket,
    nextWake: (ticket, now) => strategy.nextWake?.(ticket, now),
    explainWait: (ticket, context): readonly Reason[] => strategy.explainWait?.(ticket, context) ?? [],
  };
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Whether nobody in a group has met anybody of another ticket within a time. */
function isRested(context: MatchContext, ms: number): (group: readonly Ticket[]) => boolean {
  const metRecently = (a: Ticket, b: Ticket) =>
    membersOf(a).some((one) =>
      membersOf(b).some((other) => {
        const at = context.metAt(one.participantId, other.participantId);
        return at !== undefined && context.now - at < ms;
      }),
    );
  return (group) => group.every((a, i) => group.slice(0, i).every((b) => !metRecently(a, b)));
}

/** A context that asks one thing more of groups and remembers those it called complete, to know a proposal's tickets. */
class WatchedContext implements MatchContext {
  readonly #seen = new Map<string, Ticket>();

  constructor(
    private readonly context: MatchContext,
    private readonly alsoCompatible: (group: readonly Ticket[]) => boolean = () => true,
  ) {}

  readonly compatible = (group: readonly Ticket[]) => this.context.compatible(group) && this.alsoCompatible(group);

  readonly complete = (group: readonly Ticket[]) => {
    const isComplete = this.context.complete(group);
    if (isComplete) for (const ticket of group) this.#seen.set(ticket.id, ticket);
    return isComplete;
  };

  readonly random = () => this.context.random();
  readonly waiting = () => this.context.waiting();
  readonly metAt = (participantId: string, other: string) => this.context.metAt(participantId, other);

  get pool() {
    return this.context.pool;
  }
  get now() {
    return this.context.now;
  }
  get trigger() {
    return this.context.trigger;
  }
  get subject() {
    return this.context.subject;
  }
  get signal() {
    return this.context.signal;
  }
  get size() {
    return this.context.size;
  }

  /** The tickets of a proposal that are waiting. */
  ticketsOf({ tickets }: Proposal): Ticket[] | undefined {
    if (!tickets.every((id) => this.#seen.has(id))) {
      for (const ticket of this.context.waiting()) if (tickets.includes(ticket.id)) this.#seen.set(ticket.id, ticket);
    }
    const found = tickets.map((id) => this.#seen.get(id));
    return found.includes(undefined) ? undefined : (found as Ticket[]);
  }
}
