import { Inject, Injectable } from '@nestjs/common';
import { IsNumber, Matches, Max, Min } from 'class-validator';
import {
  fillGroup,
  type MatchContext,
  type MatchingStrategy,
  type Proposal,
  type Reason,
  type Rejection,
  StrategyOptions,
  type Ticket,
} from 'mcp-parley';

/** `MATCHING_OPTIONS`, or a pool's `options`; Parley checks them before it starts. */
export class RatingOptions {
  /** The attribute that holds a rating, a number. */
  @Matches(/^\w{1,64}$/, { message: 'must be the name of an attribute' })
  attribute = 'rating';

  /** How far apart two ratings may be at first. */
  @IsNumber({}, { message: 'must be a number from 0 to 10000' })
  @Min(0, { message: 'must be a number from 0 to 10000' })
  @Max(10_000, { message: 'must be a number from 0 to 10000' })
  spread = 100;

  /** After how many seconds of waiting twice as far will do, then three times, and so on. */
  @IsNumber({}, { message: 'must be a number from 1 to 3600' })
  @Min(1, { message: 'must be a number from 1 to 3600' })
  @Max(3_600, { message: 'must be a number from 1 to 3600' })
  widen_seconds = 20;
}

/** People of similar rating meet, those who wait longest first. The longer one waits, the less similar it may be. */
@Injectable()
export class RatingStrategy implements MatchingStrategy {
  static readonly apiVersion = '1.0';
  static readonly Options = RatingOptions;
  readonly name = 'rating';

  constructor(@Inject(StrategyOptions) private readonly options: RatingOptions = new RatingOptions()) {}

  admit(ticket: Ticket): Ticket | Rejection {
    const { attribute } = this.options;
    if (Number.isFinite(ticket.attributes[attribute])) return ticket;
    return { rejected: true, reason: { code: 'no_rating', text: `Say your rating in attributes.${attribute}` } };
  }

  *propose(context: MatchContext): Iterable<Proposal> {
    const { subject, now } = context;
    const accepts = (group: readonly Ticket[], other: Ticket) => group.every((one) => this.#isNear(one, other, now));
    const group = fillGroup([subject], context.waiting(), context, { accepts });
    if (!group) return;
    const ratings = group.map((ticket) => this.#rating(ticket));
    const text = `You are rated ${Math.min(...ratings)} to ${Math.max(...ratings)}`;
    yield { tickets: group.map(({ id }) => id), reasons: [{ code: 'similar_rating', text }] };
  }

  nextWake(ticket: Ticket, now: number): number {
    return ticket.enqueuedAt + this.#steps(ticket, now) * this.options.widen_seconds * 1_000;
  }

  explainWait(ticket: Ticket, context: MatchContext): readonly Reason[] {
    const { now } = context;
    let far = 0;
    for (const other of context.waiting()) if (!this.#isNear(ticket, other, now)) far++;
    if (far === 0) return [];
    const seconds = Math.ceil((this.nextWake(ticket, now) - now) / 1_000);
    const text = `${far} waiting ${far === 1 ? 'has' : 'have'} too different a rating; widens in ${seconds} s`;
    return [{ code: 'rating_too_different', text }];
  }

  /** Whoever has waited longer decides how different the other may be, so that nobody waits for ever. */
  #isNear(one: Ticket, other: Ticket, now: number): boolean {
    const steps = Math.max(this.#steps(one, now), this.#steps(other, now));
    return Math.abs(this.#rating(one) - this.#rating(other)) <= steps * this.options.spread;
  }

  /** 1 at first, and one more each time it widens. */
  #steps({ enqueuedAt }: Ticket, now: number): number {
    return 1 + Math.floor((now - enqueuedAt) / (this.options.widen_seconds * 1_000));
  }

  #rating({ attributes }: Ticket): number {
    return Number(attributes[this.options.attribute]);
  }
}
