import { Inject, Injectable } from '@nestjs/common';
import type { Attributes } from '../../domain/participant.js';
import type { Reason, Ticket } from '../../domain/ticket.js';
import { type MatchContext, type MatchingStrategy, type Proposal, StrategyOptions } from '../matching-strategy.js';
import { groupsAround } from './fill-group.js';
import { InRange, Obeys } from './option-rules.js';
import { agePoints, BestFirst, candidates } from './ranking.js';

/** Bounds of the weights: how many attributes and values of each, and how many points either way. */
const MAX_WEIGHTS = 100;
const MAX_POINTS = 1_000_000;

const MOST_URGENT: Reason = { code: 'most_urgent', text: 'Your turn came by priority and waiting time' };

/** Points by attribute and value, e.g. `{"plan": {"gold": 20}}`. */
type Weights = Readonly<Record<string, Readonly<Record<string, number>>>>;

export class PriorityOptions {
  /** Points by attribute and value, added to the priority that a ticket has; of a list attribute the best value counts. */
  @Obeys(isWeights, `must give points from -${MAX_POINTS} to ${MAX_POINTS} by attribute and value`)
  weights: Weights = {};

  /** What a minute of waiting is worth. Above 0, nobody waits for ever behind others who keep coming. */
  @InRange(0, MAX_POINTS) points_per_minute = 1;
}

/** An arrival meets the most urgent compatible tickets: the highest priority, with points for waiting added. */
@Injectable()
export class PriorityStrategy implements MatchingStrategy {
  static readonly apiVersion = '1.0';
  static readonly Options = PriorityOptions;
  readonly name = 'priority';
  readonly #options: PriorityOptions;

  constructor(@Inject(StrategyOptions) options: Partial<PriorityOptions> = {}) {
    this.#options = { ...new PriorityOptions(), ...options };
  }

  admit(ticket: Ticket): Ticket {
    const points = pointsFor(ticket.attributes, this.#options.weights);
    return points === 0 ? ticket : { ...ticket, priority: ticket.priority + points };
  }

  *propose(context: MatchContext): Iterable<Proposal> {
    const { points_per_minute } = this.#options;
    const urgent = BestFirst.forSubject(context);
    for (const ticket of candidates(context)) {
      urgent.add(ticket, ticket.priority + agePoints(ticket, context.now, points_per_minute));
    }
    for (const group of groupsAround(context, () => urgent)) {
      yield { tickets: group.map(({ id }) => id), reasons: [MOST_URGENT] };
    }
  }
}

function pointsFor(attributes: Attributes, weights: Weights): number {
  let points = 0;
  for (const [attribute, byValue] of Object.entries(weights)) {
    if (!Object.hasOwn(attributes, attribute)) continue;
    const values = [attributes[attribute]!].flat().map(String);
    const found = values.filter((value) => Object.hasOwn(byValue, value)).map((value) => byValue[value]!);
    if (found.length > 0) points += Math.max(...found);
  }
  return points;
}

function isWeights(value: unknown): value is Weights {
  return isRecord(value, (byValue) =>
    isRecord(byValue, (points) => Number.isFinite(points) && Math.abs(points as number) <= MAX_POINTS),
  );
}

function isRecord(value: unknown, isItem: (item: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const items = Object.values(value);
  return items.length <= MAX_WEIGHTS && items.every(isItem);
}
