import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Reason, Ticket } from '../domain/ticket.js';
import { Clock } from '../ports/clock.js';
import { Ids } from '../ports/ids.js';
import type { WaitingView } from '../ports/state-store.js';
import { type MatchContext, MatchingStrategy, type MatchTrigger, type Proposal } from './matching-strategy.js';

/** How long one run of a strategy may take, in milliseconds. */
const BUDGET_MS = 50;
/** How many proposals of one run may be turned down. */
const MAX_REFUSALS = 100;
/** What a refusal without a reason is called. */
const REFUSED: Reason = { code: 'refused', text: 'The ticket does not fit this pool' };

/** A proposal that passed every check. */
export interface CheckedProposal {
  readonly tickets: readonly Ticket[];
  readonly reasons: readonly Reason[];
}

/** The time limit of one run; its signal is made only for strategies that look at it. */
class Deadline {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  abort(): void {
    this.#controller?.abort();
  }
}

/** Asks the strategy and trusts nothing it says: a bad proposal harms only itself. */
@Injectable()
export class MatchingEngine {
  readonly #logger = new Logger('Matching');
  #failures = 0;

  constructor(
    @Inject(MatchingStrategy) private readonly strategy: MatchingStrategy,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  get strategyName(): string {
    return this.strategy.name;
  }

  /** How often the strategy has thrown, run out of time or proposed what cannot be. */
  get failures(): number {
    return this.#failures;
  }

  /** The ticket as the strategy wants it queued, or the reason why not. */
  admit(ticket: Ticket): { ticket: Ticket } | { refused: Reason } {
    try {
      const verdict = this.strategy.admit?.(ticket) ?? ticket;
      if ('rejected' in verdict) return { refused: reasonsOf([verdict.reason])[0] ?? REFUSED };
      // Attributes and priority are the strategy's to set; who waits where is not.
      const { attributes, priority } = verdict;
      if (typeof attributes !== 'object' || attributes === null || !Number.isFinite(priority)) {
        throw new TypeError('neither a ticket nor a rejection');
      }
      return { ticket: { ...ticket, attributes, priority } };
    } catch (error) {
      this.#fail('admit failed', error);
      return { ticket };
    }
  }

  /** The strategy's proposals for an arrival, checked, best first. Never throws. */
  *proposals(trigger: MatchTrigger, subject: Ticket, view: WaitingView): Generator<CheckedProposal> {
    const deadline = new Deadline();
    const context = this.#context(trigger, subject, view, deadline);
    const proposals = this.#iterate(context);
    let refusals = 0;
    try {
      for (let next = this.#next(proposals); next; next = this.#next(proposals)) {
        const checked = this.#check(next.value, subject, view);
        if (checked) yield checked;
        else refusals++;
        if (refusals >= MAX_REFUSALS || this.clock.now() - context.now > BUDGET_MS) {
          deadline.abort();
          this.#fail('used up its budget');
          return;
        }
      }
    } finally {
      this.#end(proposals);
    }
  }

  /** Why a ticket still waits, in words a person understands. Never throws. */
  explain(ticket: Ticket, view: WaitingView): readonly Reason[] {
    try {
      const context = this.#context('tick', ticket, view, new Deadline());
      const reasons = reasonsOf(this.strategy.explainWait?.(ticket, context));
      if (reasons.length > 0) return reasons;
    } catch (error) {
      this.#fail('explainWait failed', error);
    }
    const missing = ticket.groupSize - view.size;
    if (missing <= 0) return [{ code: 'nobody_compatible', text: 'Nobody compatible is waiting yet' }];
    const others = missing === 1 ? '1 more participant' : `${missing} more participants`;
    return [{ code: 'too_few_waiting', text: `Waiting for ${others} to arrive` }];
  }

  #context(trigger: MatchTrigger, subject: Ticket, view: WaitingView, deadline: Deadline): MatchContext {
    return {
      pool: subject.pool,
      now: this.clock.now(),
      trigger,
      subject,
      get signal() {
        return deadline.signal;
      },
      size: view.size,
      random: () => this.ids.random(),
      waiting: () => view.tickets(),
      compatible: (group) => isCompatible(group, view),
    };
  }

  #iterate(context: MatchContext): Iterator<Proposal> | undefined {
    try {
      return this.strategy.propose(context)[Symbol.iterator]();
    } catch (error) {
      this.#fail('propose failed', error);
      return undefined;
    }
  }

  #next(proposals: Iterator<Proposal> | undefined): IteratorYieldResult<Proposal> | undefined {
    try {
      const next = proposals?.next();
      return next?.done ? undefined : next;
    } catch (error) {
      this.#fail('propose failed', error);
      return undefined;
    }
  }

  #check(proposal: Proposal, subject: Ticket, view: WaitingView): CheckedProposal | undefined {
    let thrown: unknown;
    try {
      const checked = check(proposal, subject, view);
      if (checked) return checked;
    } catch (error) {
      thrown = error;
    }
    this.#fail('proposed a group that cannot be', thrown);
    return undefined;
  }

  #end(proposals: Iterator<Proposal> | undefined): void {
    try {
      proposals?.return?.();
    } catch (error) {
      this.#fail('clean-up failed', error);
    }
  }

  #fail(what: string, error?: unknown): void {
    this.#failures++;
    this.#logger.warn({
      msg: 'strategy failure',
      strategy: this.strategy.name,
      what,
      ...(error instanceof Error && { error: error.message }),
    });
  }
}

function isCompatible(group: readonly Ticket[], view: WaitingView): boolean {
  return group.every((a, i) =>
    group
      .slice(i + 1)
      .every((b) => a.participantId !== b.participantId && !view.apart(a.participantId, b.participantId)),
  );
}

function check(proposal: Proposal, subject: Ticket, view: WaitingView): CheckedProposal | undefined {
  const ids: unknown = proposal?.tickets;
  if (!Array.isArray(ids) || ids.length !== subject.groupSize || new Set(ids).size !== ids.length) return undefined;
  const tickets = ids.map((id) => (typeof id === 'string' ? view.get(id) : undefined));
  const known = tickets.every((ticket) => ticket?.pool === subject.pool && ticket.groupSize === subject.groupSize);
  const group = tickets as Ticket[];
  return known && isCompatible(group, view) ? { tickets: group, reasons: reasonsOf(proposal.reasons) } : undefined;
}

/** Whatever of a strategy's answer are reasons. */
function reasonsOf(answer: unknown): readonly Reason[] {
  if (!Array.isArray(answer)) return [];
  return answer
    .map((reason: Partial<Reason> | null | undefined) => ({ code: reason?.code, text: reason?.text }))
    .filter((reason): reason is Reason => typeof reason.code === 'string' && typeof reason.text === 'string');
}
