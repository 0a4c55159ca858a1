import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Ticket } from '../../src/domain/ticket.js';
import { Replica, ReplicaFeed } from '../../src/matching/isolation/replica.js';
import type { WaitingView } from '../../src/ports/state-store.js';
import { ticketOf } from '../../src/testing/index.js';
import { Waiting } from '../support/waiting.js';

/** What one step of life does to those who wait; numbers choose whom. */
type Step =
  | { readonly kind: 'come'; readonly count: number; readonly at: number }
  | { readonly kind: 'go'; readonly from: number; readonly count: number }
  | { readonly kind: 'change'; readonly who: number }
  | { readonly kind: 'block'; readonly who: number; readonly whom: number }
  | { readonly kind: 'ask'; readonly who: number; readonly only: number };

const natural = fc.nat(1_000_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('come' as const), count: fc.integer({ min: 1, max: 400 }), at: natural }),
  fc.record({ kind: fc.constant('go' as const), from: natural, count: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ kind: fc.constant('change' as const), who: natural }),
  fc.record({ kind: fc.constant('block' as const), who: natural, whom: natural }),
  fc.record({ kind: fc.constant('ask' as const), who: natural, only: fc.integer({ min: 1, max: 3 }) }),
);

/** Everything a strategy could learn of those who wait, as data. */
const contentOf = (view: WaitingView) =>
  Array.from(view.tickets(), (ticket) => ({
    ticket,
    found: view.get(ticket.id)?.version,
    blocked: [...view.relations(ticket.participantId).blocked],
  }));

class Life {
  readonly #waiting = new Waiting();
  readonly #feed = new ReplicaFeed();
  readonly #replica = new Replica();
  #people = 0;
  largestChange = 0;

  live(step: Step): void {
    const { list } = this.#waiting;
    switch (step.kind) {
      case 'come':
        list.splice(step.at % (list.length + 1), 0, ...Array.from({ length: step.count }, () => this.#somebody()));
        break;
      case 'go':
        list.splice(step.from % (list.length + 1), step.count);
        break;
      case 'change':
        if (list.length > 0) this.#change(step.who % list.length);
        break;
      case 'block':
        if (list.length > 0) this.#waiting.block(this.#at(step.who).participantId, this.#at(step.whom).participantId);
        break;
      case 'ask':
        if (list.length > 0) this.#ask(this.#at(step.who), step.only);
        break;
    }
  }

  #somebody(): Ticket {
    const number = this.#people++;
    return ticketOf(`P${number}`, { attributes: { part: number % 3 } });
  }

  #at(index: number): Ticket {
    return this.#waiting.list[index % this.#waiting.list.length]!;
  }

  #change(index: number): void {
    const ticket = this.#waiting.list[index]!;
    this.#waiting.list[index] = { ...ticket, priority: ticket.priority + 1, version: ticket.version + 1 };
  }

  /** Views differ: each subject may see another part of those who wait. */
  #ask(subject: Ticket, only: number): void {
    const part = this.#waiting.list.filter((ticket) => ticket === subject || Number(ticket.attributes['part']) < only);
    const view = new Waiting(part);
    for (const [participantId, blocked] of this.#waiting.blocked) view.blocked.set(participantId, blocked);
    for (;;) {
      const change = structuredClone(this.#feed.next(view, subject));
      this.largestChange = Math.max(this.largestChange, change.added.length);
      this.#replica.apply(change);
      if (!change.order) continue;
      expect(contentOf(this.#replica.view(change.order))).toEqual(contentOf(view));
      return;
    }
  }
}

describe('the replica of those who wait', () => {
  it('is what they are at every run, whoever comes, goes, changes or blocks, in order and a part at a time', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        const life = new Life();
        for (const step of steps) life.live(step);
        life.live({ kind: 'ask', who: 0, only: 3 });
        expect(life.largestChange).toBeLessThanOrEqual(250);
      }),
      { numRuns: 30 },
    );
  });

  it('holds the longest waiting 10,000 and whoever is asked for', () => {
    const [feed, replica] = [new ReplicaFeed(), new Replica()];
    const view = new Waiting(Array.from({ length: 10_050 }, (_, i) => ticketOf(`P${i}`)));
    const subject = view.list.at(-1)!;
    for (;;) {
      const change = feed.next(view, subject);
      replica.apply(change);
      if (!change.order) continue;
      const held = [...replica.view(change.order).tickets()];
      expect(held).toEqual([...view.list.slice(0, 9_999), subject]);
      return;
    }
  });
});
