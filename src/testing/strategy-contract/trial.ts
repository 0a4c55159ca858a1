import type { Reason, Ticket } from '../../domain/ticket.js';
import type { MatchingStrategy, Proposal, Run } from '../../matching/index.js';
import { type Answer, askForProposals } from './ask.js';
import type { TicketMaker } from './crowd.js';
import { admitted, runIn, type World, worldOf } from './world.js';

/** How many moments of how many tickets are looked at, and for how many of these tickets the strategy is asked. */
const WORLDS = 30;
const TICKETS = 24;
const SUBJECTS = [TICKETS - 1, 0, 9];
/** More proposals than this of one run, with so few waiting, are taken for endless. */
const MAX_PROPOSALS = 5_000;

/** A new strategy, made the same way each time. */
export type MakeStrategy = () => MatchingStrategy;

export interface StrategyContractOptions {
  /**
   * What is typical of the tickets the strategy is for; interests, languages and a level by default. The suite puts in
   * their way what any pool may: other groups, parties, criteria, blocks.
   */
  readonly ticket?: TicketMaker;
  /** Within how many milliseconds of virtual time everybody who fits somebody is to be matched; 10 minutes by default. */
  readonly patienceMs?: number;
  /** Real milliseconds an arrival among 10,000 may cost, at the median; 50 by default. */
  readonly budgetMs?: number;
}

/** One question that the strategy was asked, and everything that could be seen of its answer. */
export interface Sample extends Answer<Proposal[]> {
  readonly run: Run;
  readonly proposals: readonly Proposal[];
  readonly changedTickets: boolean;
  /** Which question it was, for messages. */
  readonly where: string;
}

/** What the cases of the contract look at. The questions are asked once, whichever case needs the answers first. */
export class Trial {
  readonly ticket: TicketMaker;
  readonly patienceMs: number;
  readonly budgetMs: number;
  #worlds: World[] | undefined;
  #samples: Sample[] | undefined;
  #strategy: MatchingStrategy | undefined;

  constructor(
    readonly make: MakeStrategy,
    { ticket = typicalTicket, patienceMs = 600_000, budgetMs = 50 }: StrategyContractOptions,
  ) {
    this.ticket = ticket;
    this.patienceMs = patienceMs;
    this.budgetMs = budgetMs;
  }

  get strategy(): MatchingStrategy {
    return (this.#strategy ??= this.make());
  }

  get worlds(): readonly World[] {
    return (this.#worlds ??= Array.from({ length: WORLDS }, (_, i) =>
      worldOf(i + 1, this.strategy, this.ticket, TICKETS),
    ).filter(({ tickets }) => tickets.length > 1));
  }

  get samples(): readonly Sample[] {
    return (this.#samples ??= this.survey(this.strategy));
  }

  /** Asks a strategy for its proposals everywhere, until it once comes to no end. */
  survey(strategy: MatchingStrategy): Sample[] {
    const samples: Sample[] = [];
    for (const world of this.worlds) {
      for (const subject of SUBJECTS.filter((index) => index < world.tickets.length)) {
        const sample = sampleOf(strategy, world, subject);
        samples.push(sample);
        if (!sample.ended) return samples;
      }
    }
    return samples;
  }

  /** Tickets that are typical of the strategy, as it wants them queued. */
  crowd(tickets: readonly Ticket[]): Ticket[] {
    return tickets.flatMap((ticket) => admitted(this.strategy, ticket) ?? []);
  }
}

function sampleOf(strategy: MatchingStrategy, world: World, subject: number): Sample {
  const run = runIn(world, subject);
  const look = () => JSON.stringify([...run.view.tickets()]);
  const before = look();
  const answer = askForProposals(strategy, run, MAX_PROPOSALS);
  const where = `world ${world.seed}, asked for ${run.subject.id}`;
  return { ...answer, run, changedTickets: look() !== before, where };
}

const INTERESTS = ['books', 'chess', 'music', 'plants', 'tea'];
const LANGUAGES = ['de', 'en', 'ta'];

/** Somebody as most pools know them. */
function typicalTicket(random: () => number): Partial<Ticket> {
  const some = (words: readonly string[]) => {
    const chosen = words.filter(() => random() < 0.5);
    return chosen.length > 0 ? chosen : [words[0]!];
  };
  return {
    attributes: { interests: some(INTERESTS), languages: some(LANGUAGES), level: Math.floor(random() * 5) },
  };
}

/** Whether something is a reason that can be shown to people: a short code for programs, a line of text for them. */
export function isReason(value: unknown): value is Reason {
  const { code, text } = (value ?? {}) as Partial<Reason>;
  return (
    typeof code === 'string' &&
    /^[a-z][a-z0-9_]{0,63}$/.test(code) &&
    typeof text === 'string' &&
    text.trim() !== '' &&
    text.length <= 500 &&
    !/\p{Cc}/u.test(text)
  );
}
