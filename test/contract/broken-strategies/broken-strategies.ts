import { satisfies } from '../../../src/domain/criteria.js';
import { isComplete, membersOf, type Reason, type Ticket } from '../../../src/domain/ticket.js';
import {
  FifoStrategy,
  type MatchContext,
  type MatchingStrategy,
  type Proposal,
  type Rejection,
} from '../../../src/matching/index.js';

/** A strategy broken in one way, and the promise of the contract that it breaks. */
export interface BrokenStrategy {
  readonly breaks: string;
  readonly make: () => MatchingStrategy;
}

/** First in, first out, but for what a fault replaces. */
class Sound implements MatchingStrategy {
  readonly name: string = 'broken';
  readonly #fifo = new FifoStrategy();

  propose(context: MatchContext): Iterable<Proposal> {
    return this.#fifo.propose(context);
  }
}

type Propose = (context: MatchContext, sound: (context: MatchContext) => Iterable<Proposal>) => Iterable<Proposal>;

/** Proposes as the function says, which is handed what a sound strategy proposes. */
function proposing(propose: Propose): () => MatchingStrategy {
  return () =>
    new (class extends Sound {
      override propose(context: MatchContext): Iterable<Proposal> {
        return propose(context, (asked) => super.propose(asked));
      }
    })();
}

/** Sound in what it proposes, faulty in something else. */
function answering(rest: Partial<MatchingStrategy>): () => MatchingStrategy {
  return () => Object.assign(new Sound(), rest);
}

const idsOf = (group: readonly Ticket[]) => group.map(({ id }) => id);
const others = (context: MatchContext) => [...context.waiting()].filter(({ id }) => id !== context.subject.id);

type Rule = (a: Ticket, b: Ticket, context: MatchContext) => boolean;

/** Pairs by a rule of the strategy's own instead of the engine's verdict. */
function pairing(mayMeet: Rule): () => MatchingStrategy {
  return proposing(function* (context) {
    const { subject, now } = context;
    for (const other of others(context)) {
      const pair = [other, subject];
      if (isComplete(pair, now) && mayMeet(other, subject, context)) yield { tickets: idsOf(pair) };
    }
  });
}

/** Asks the engine about tickets that look as if something that keeps people apart were not there. */
function pretending(change: Partial<Ticket>): () => MatchingStrategy {
  return pairing((a, b, context) =>
    context.compatible([
      { ...a, ...change },
      { ...b, ...change },
    ]),
  );
}

const haveMet: Rule = (a, b, context) =>
  membersOf(a).some((x) => membersOf(b).some((y) => context.metAt(x.participantId, y.participantId) !== undefined));

const wouldTake = (one: Ticket, other: Ticket) =>
  membersOf(other).every((member) => !one.avoid.includes(member.participantId) && satisfies(one.criteria, member));

/** What of the engine's verdict a strategy can see for itself: all but blocks and the length of the cooldown. */
const looksFine: Rule = (a, b) => wouldTake(a, b) && wouldTake(b, a) && (!a.roomId || !b.roomId);

/** All but the first on some occasions: a choice that makes a difference and starves nobody. */
function* passingOver(first: boolean, proposals: Iterable<Proposal>): Generator<Proposal> {
  let index = 0;
  for (const proposal of proposals) if (index++ > 0 || !first) yield proposal;
}

const reason = (code: string, text: string): Reason => ({ code, text });

/** How many strategies of two moods were made. */
let made = 0;

export const BROKEN: Readonly<Record<string, BrokenStrategy>> = {
  'has no name': {
    breaks: 'has a name, and the version of the API it was written for',
    make: answering({ name: '' }),
  },
  'was written for another API': {
    breaks: 'has a name, and the version of the API it was written for',
    make: () =>
      new (class extends Sound {
        static readonly apiVersion = '2.0';
      })(),
  },
  'throws when it has nothing left to say': {
    breaks: 'never throws when it is asked for proposals',
    make: proposing(function* (context, sound) {
      yield* sound(context);
      throw new Error('out of ideas');
    }),
  },
  'never stops proposing': {
    breaks: 'comes to an end when nothing it proposes is taken',
    make: proposing(function* (context, sound) {
      for (let found = true; found;) {
        found = false;
        for (const proposal of sound(context)) {
          found = true;
          yield proposal;
        }
      }
    }),
  },
  'hangs when it has nothing left to say': {
    breaks: 'comes to an end when nothing it proposes is taken',
    make: proposing(function* (context, sound) {
      const { subject, size } = context;
      yield* sound(context);
      while (size === 24 && subject.id === 't-p0');
    }),
  },
  'gives a reason without words': {
    breaks: 'gives reasons in words, and scores that are numbers',
    make: proposing(function* (context, sound) {
      for (const proposal of sound(context)) yield { ...proposal, reasons: [reason('because', ' ')] };
    }),
  },
  'gives a score that is no number': {
    breaks: 'gives reasons in words, and scores that are numbers',
    make: proposing(function* (context, sound) {
      yield* sound(context);
      for (const proposal of sound(context)) yield { ...proposal, score: NaN };
    }),
  },
  'changes the owner of a ticket it admits': {
    breaks: 'admits a ticket with nothing changed but attributes and priority, or refuses it with a reason',
    make: answering({ admit: (ticket) => ({ ...ticket, participantId: 'mallory' }) }),
  },
  'refuses a ticket without a reason': {
    breaks: 'admits a ticket with nothing changed but attributes and priority, or refuses it with a reason',
    make: answering({
      admit: (ticket) => ('level' in ticket.attributes ? ticket : ({ rejected: true } as Rejection)),
    }),
  },
  'wants to be asked again in the past': {
    breaks: 'names a time ahead when it wants to be asked again',
    make: answering({ nextWake: (_ticket, now) => now - 1 }),
  },
  'explains a wait without text': {
    breaks: 'says in words why somebody waits',
    make: answering({ explainWait: () => [{ code: 'nobody' } as Reason] }),
  },
  'remembers what it has proposed': {
    breaks: 'proposes the same for the same tickets, time and seed',
    make: () => {
      let asked = 0;
      return proposing((context, sound) => passingOver(asked++ % 7 === 0, sound(context)))();
    },
  },
  'is made differently each time': {
    breaks: 'proposes the same for the same tickets, time and seed',
    make: () => {
      const mood = reason('mood', `I was made in mood ${made++ % 2}`);
      return proposing(function* (context, sound) {
        for (const proposal of sound(context)) yield { ...proposal, reasons: [mood] };
      })();
    },
  },
  'marks the tickets it has seen': {
    breaks: 'changes no ticket it is shown',
    make: proposing(function* (context, sound) {
      yield* sound(context);
      (context.subject.attributes as Record<string, unknown>).seen = true;
    }),
  },
  // These two only look: what came of it now and then would break other promises as well.
  'looks at the clock on the wall': {
    breaks: 'takes the time from its context',
    make: proposing((context, sound) => passingOver(Date.now() < 0, sound(context))),
  },
  'throws dice of its own': {
    breaks: 'takes chance from its context',
    make: proposing((context, sound) => passingOver(Math.random() < 0, sound(context))),
  },
  'leaves a timer behind': {
    breaks: 'starts nothing that runs later',
    make: proposing(function* (context, sound) {
      setTimeout(() => undefined, 0);
      yield* sound(context);
    }),
  },
  'asks somebody on the network': {
    breaks: 'speaks to nobody',
    make: proposing(function* (context, sound) {
      void fetch('http://127.0.0.1:9/').catch(() => undefined);
      yield* sound(context);
    }),
  },
  'proposes somebody who does not wait': {
    breaks: 'proposes waiting tickets only',
    make: proposing(function* (context, sound) {
      yield { tickets: [context.subject.id, 'nobody'] };
      yield* sound(context);
    }),
  },
  'proposes a ticket twice': {
    breaks: 'proposes no ticket twice in one group',
    make: proposing(function* (context, sound) {
      yield { tickets: [context.subject.id, context.subject.id] };
      yield* sound(context);
    }),
  },
  'ignores blocks': {
    breaks: 'keeps apart those of whom one has blocked the other',
    make: pairing((a, b, context) => looksFine(a, b, context) && !haveMet(a, b, context)),
  },
  'ignores the cooldown': {
    breaks: 'keeps apart for the cooldown those who have met',
    make: pairing(
      (a, b, context) => looksFine(a, b, context) && (context.compatible([a, b]) || haveMet(a, b, context)),
    ),
  },
  'ignores offers that came to nothing': {
    breaks: 'keeps apart those whose last offer came to nothing',
    make: pretending({ avoid: [] }),
  },
  'ignores criteria': {
    breaks: 'gives everybody only those they asked for',
    make: pretending({ criteria: null }),
  },
  'joins two open rooms': {
    breaks: 'fills no more than one open room at a time',
    make: pretending({ roomId: null }),
  },
  'proposes groups of the wrong size': {
    breaks: 'proposes groups of a size that all of them accept by now',
    make: proposing(function* (context, sound) {
      yield { tickets: [context.subject.id] };
      yield* sound(context);
    }),
  },
  'never proposes anybody': {
    breaks: 'brings together some of those who are typical of it',
    make: proposing(() => []),
  },
  'prefers the newest': {
    breaks: 'lets nobody wait for ever while others come and go',
    make: proposing((context, sound) => sound({ ...context, waiting: () => [...context.waiting()].reverse() })),
  },
  'prefers the important, however long others wait': {
    breaks: 'lets nobody wait for ever while others come and go',
    make: proposing((context, sound) =>
      sound({ ...context, waiting: () => [...context.waiting()].sort((a, b) => b.priority - a.priority) }),
    ),
  },
  'compares everybody with everybody': {
    breaks: 'decides an arrival among 10000 within its budget',
    make: proposing(function* (context, sound) {
      const waiting = [...context.waiting()];
      const liked = waiting.map((a) => waiting.filter((b) => context.compatible([a, b])).length);
      if (liked.length > 1) yield* sound(context);
    }),
  },
};
