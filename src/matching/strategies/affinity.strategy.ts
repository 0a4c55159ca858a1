import { Inject, Injectable } from '@nestjs/common';
import { membersOf, type Reason, type Ticket, type TicketMember } from '../../domain/ticket.js';
import { type MatchContext, type MatchingStrategy, type Proposal, StrategyOptions } from '../matching-strategy.js';
import { normal, WordSet, wordsOf } from './features.js';
import { groupsAround } from './fill-group.js';
import { InRange, IsAttribute, Obeys } from './option-rules.js';
import { agePoints, BestFirst, candidates, explained, groupAgePoints } from './ranking.js';
import { inSeconds, listed } from './words.js';

/** In how many steps the floor sinks. */
const STEPS = 10;
/** How many groups are proposed: the best, and some in reserve for when a claim fails. */
const MAX_PROPOSALS = 8;
/** How many shared words a reason names, and how long one may be. */
const MAX_NAMED = 3;
const MAX_NAME_CHARACTERS = 40;

export class AffinityOptions {
  /** The attributes that hold interests and languages: lists, or texts with commas. */
  @IsAttribute() interests = 'interests';
  @IsAttribute() languages = 'languages';

  /** What an interest counts, and what a language does. */
  @InRange(0, 100) interest_weight = 1;
  @InRange(0, 100) language_weight = 1;

  /** How much two must share at first, from 0 (nothing) to 1 (everything). */
  @InRange(0, 1) floor = 0.4;

  /** How much two must share in the end. */
  @InRange(0, 1)
  @Obeys<AffinityOptions>((value, { floor }) => (value as number) <= floor, 'must not be above floor')
  final_floor = 0;

  /** How long the floor takes to sink. */
  @InRange(0, 86_400) sink_seconds = 120;

  /** What a minute of waiting adds to a score, so that nobody waits for ever behind others who share more. */
  @InRange(0, 100) points_per_minute = 0.1;
}

/**
 * Brings together those who share interests and languages: the weighted part they have in common of all that they have
 * (Jaccard's index). A ticket's floor says how much that must be and sinks while it waits; of two, the lower one counts.
 * A group's affinity is the mean of its pairs'.
 */
@Injectable()
export class AffinityStrategy implements MatchingStrategy {
  static readonly apiVersion = '1.0';
  static readonly Options = AffinityOptions;
  readonly name = 'affinity';
  readonly #options: AffinityOptions;
  readonly #features = new WeakMap<Ticket, WordSet>();

  constructor(@Inject(StrategyOptions) options: Partial<AffinityOptions> = {}) {
    this.#options = { ...new AffinityOptions(), ...options };
  }

  *propose(context: MatchContext): Iterable<Proposal> {
    const { subject, now } = context;
    const { points_per_minute } = this.#options;
    const best = BestFirst.forSubject(context);
    const features = this.#featuresOf(subject);
    const floor = this.#floor(subject, now);
    for (const ticket of candidates(context)) {
      const affinity = features.similarity(this.#featuresOf(ticket));
      if (affinity < floor && affinity < this.#floor(ticket, now)) continue;
      best.add(ticket, affinity + agePoints(ticket, now, points_per_minute));
    }
    const accepts = (group: readonly Ticket[], candidate: Ticket) => this.#isClose(group, candidate, now);
    let proposed = 0;
    for (const group of groupsAround(context, () => best, { accepts })) {
      const others = group.filter(({ id }) => id !== subject.id);
      const affinity = this.#meanAffinity(group);
      yield {
        tickets: group.map(({ id }) => id),
        score: affinity + groupAgePoints(others, now, points_per_minute),
        reasons: this.#reasons(group, affinity),
      };
      if (++proposed === MAX_PROPOSALS) return;
    }
  }

  nextWake({ enqueuedAt }: Ticket, now: number): number | undefined {
    const { floor, final_floor } = this.#options;
    const step = this.#step(enqueuedAt, now);
    return floor === final_floor || step === STEPS ? undefined : enqueuedAt + (step + 1) * this.#stepMs;
  }

  explainWait(ticket: Ticket, context: MatchContext): readonly Reason[] {
    const { now } = context;
    let tooFar = 0;
    for (const candidate of explained(context)) if (!this.#isClose([ticket], candidate, now)) tooFar++;
    if (tooFar === 0) return [];
    const wake = this.nextWake(ticket, now);
    const sinks = wake === undefined ? '' : `; the bar sinks again ${inSeconds(wake, now)}`;
    const share = tooFar === 1 ? 'shares' : 'share';
    return [{ code: 'too_little_shared', text: `${tooFar} waiting ${share} too little with you yet${sinks}` }];
  }

  get #stepMs(): number {
    return Math.ceil((this.#options.sink_seconds * 1000) / STEPS);
  }

  #step(enqueuedAt: number, now: number): number {
    const stepMs = this.#stepMs;
    return stepMs === 0 ? STEPS : Math.min(STEPS, Math.floor(Math.max(0, now - enqueuedAt) / stepMs));
  }

  #floor({ enqueuedAt }: Ticket, now: number): number {
    const { floor, final_floor } = this.#options;
    const step = this.#step(enqueuedAt, now);
    return step === STEPS ? final_floor : floor - ((floor - final_floor) * step) / STEPS;
  }

  /** Whether a candidate shares enough with a group. */
  #isClose(group: readonly Ticket[], candidate: Ticket, now: number): boolean {
    const features = this.#featuresOf(candidate);
    let floor = this.#floor(candidate, now);
    let shared = 0;
    for (const member of group) {
      shared += this.#featuresOf(member).similarity(features);
      floor = Math.min(floor, this.#floor(member, now));
    }
    return shared / group.length >= floor;
  }

  #meanAffinity(group: readonly Ticket[]): number {
    const features = group.map((ticket) => this.#featuresOf(ticket));
    let sum = 0;
    features.forEach((one, i) => features.slice(0, i).forEach((other) => (sum += one.similarity(other))));
    return sum / ((group.length * (group.length - 1)) / 2);
  }

  #featuresOf(ticket: Ticket): WordSet {
    let features = this.#features.get(ticket);
    if (!features) {
      const { interests, languages, interest_weight, language_weight } = this.#options;
      const members = membersOf(ticket);
      const words = (name: string) => members.flatMap(({ attributes }) => wordsOf(attributes, name));
      features = new WordSet([
        { words: words(interests), weight: interest_weight },
        { words: words(languages), weight: language_weight },
      ]);
      this.#features.set(ticket, features);
    }
    return features;
  }

  #reasons(group: readonly Ticket[], affinity: number): readonly Reason[] {
    const members = group.flatMap(membersOf);
    const you = members.length === 2 ? 'You both' : 'You all';
    const interests = sharedBy(members, this.#options.interests);
    const languages = sharedBy(members, this.#options.languages).map(languageName);
    const reasons: Reason[] = [];
    if (interests.length > 0) reasons.push({ code: 'shared_interests', text: `${you} like ${listed(interests)}` });
    if (languages.length > 0) reasons.push({ code: 'shared_languages', text: `${you} speak ${listed(languages)}` });
    if (reasons.length > 0) return reasons;
    return affinity > 0
      ? [{ code: 'some_shared', text: 'Some of you share interests or languages' }]
      : [{ code: 'waited_long', text: 'You have waited long enough to meet somebody with other interests' }];
  }
}

/** Some of the words that all have in an attribute, as the first wrote them; nobody is shown what is not also their own. */
function sharedBy([first, ...others]: readonly TicketMember[], name: string): string[] {
  const theirs = others.map(({ attributes }) => new Set(wordsOf(attributes, name).map(normal)));
  const shared = new Map<string, string>();
  for (const written of wordsOf(first!.attributes, name)) {
    const word = normal(written);
    const isShown = word !== '' && word.length <= MAX_NAME_CHARACTERS && theirs.every((words) => words.has(word));
    if (isShown && !shared.has(word)) shared.set(word, written.trim());
  }
  return [...shared.values()].slice(0, MAX_NAMED);
}

const languageNames = new Intl.DisplayNames(['en'], { type: 'language' });

/** The English name of a language given by its code; other words as they are. */
const languageName = (word: string) =>
  /^[a-z]{2,3}(-[a-z]{2})?$/i.test(word) ? (languageNames.of(word) ?? word) : word;
