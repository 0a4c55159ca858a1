import { Inject, Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, ValidateNested } from 'class-validator';
import { membersOf, type Reason, type Ticket } from '../../domain/ticket.js';
import {
  type MatchContext,
  type MatchingStrategy,
  type Proposal,
  type Rejection,
  StrategyOptions,
} from '../matching-strategy.js';
import { wordsOf } from './features.js';
import { type FillRules, groupsAround } from './fill-group.js';
import { InRange, IsAttribute, Obeys, WholeInRange } from './option-rules.js';
import { agePoints, BestFirst, candidates, explained, groupAgePoints } from './ranking.js';
import { countBits, LEVEL_MAX, parseSkill, SkillSet } from './skill-set.js';
import { inSeconds, listed } from './words.js';

/** How many groups are proposed: the best, and some in reserve for when a claim fails. */
const MAX_PROPOSALS = 8;
/** How many of the best candidates are tried for a group of more than two. */
const MAX_COMPANIONS = 1_000;
/** How many skills a reason names. */
const MAX_NAMED = 3;

/** What a ticket is content with once it has waited for a time. */
export class SkillStage {
  @InRange(0, 30 * 86_400) after_seconds = 0;

  /** How many levels below a need an offer may be. */
  @WholeInRange(0, LEVEL_MAX) proficiency_slack = 0;

  /** Which part of its needs must be met, from 0 (anybody will do) to 1 (all). */
  @InRange(0, 1) needs_share = 1;
}

export class SkillsOptions {
  /** The attributes that hold needs and offers: lists of skills with a level from 1 to 5, e.g. `["react:3"]`. */
  @IsAttribute() needs = 'needs';
  @IsAttribute() offers = 'offers';

  /** By waiting time; before the first, every need must be met in full. */
  @IsArray({ message: 'must be a list of stages' })
  @ArrayMaxSize(16, { message: 'must have at most 16 stages' })
  @ValidateNested({ each: true, message: 'must be stages' })
  @Type(() => SkillStage)
  @Obeys(isAscending, 'must be ordered by after_seconds')
  stages: readonly SkillStage[] = [
    { after_seconds: 30, proficiency_slack: 1, needs_share: 1 },
    { after_seconds: 60, proficiency_slack: 1, needs_share: 0.5 },
    { after_seconds: 120, proficiency_slack: 2, needs_share: 0.5 },
  ];

  /** What a minute of waiting adds to a score, so that nobody waits for ever behind others who fit better. */
  @InRange(0, 100) points_per_minute = 0.1;
}

interface Features {
  readonly needs: SkillSet;
  readonly offers: SkillSet;
}

const STRICT: SkillStage = { after_seconds: 0, proficiency_slack: 0, needs_share: 1 };

/**
 * Brings together those who need and those who offer skills, mutually: each side's needs are met by the others'. Whoever
 * only offers waits for somebody to help. What a ticket is content with widens in stages while it waits; each ticket's own
 * waiting counts for its own needs.
 */
@Injectable()
export class SkillsStrategy implements MatchingStrategy {
  static readonly apiVersion = '1.0';
  static readonly Options = SkillsOptions;
  readonly name = 'skills';
  readonly #options: SkillsOptions;
  readonly #features = new WeakMap<Ticket, Features>();

  constructor(@Inject(StrategyOptions) options: Partial<SkillsOptions> = {}) {
    this.#options = { ...new SkillsOptions(), ...options };
  }

  /** Writes skills in one way; refuses what is none. */
  admit(ticket: Ticket): Ticket | Rejection {
    const attributes = { ...ticket.attributes };
    for (const name of [this.#options.needs, this.#options.offers]) {
      if (!Object.hasOwn(attributes, name)) continue;
      const skills = wordsOf(attributes, name).map(parseSkill);
      if (skills.includes(null)) {
        const text = `${name} must be skills with a level from 1 to ${LEVEL_MAX}, e.g. "react:3"`;
        return { rejected: true, reason: { code: 'not_a_skill', text } };
      }
      attributes[name] = skills.map((skill) => `${skill!.name}:${skill!.level}`);
    }
    return { ...ticket, attributes };
  }

  *propose(context: MatchContext): Iterable<Proposal> {
    const { subject, now } = context;
    const { points_per_minute } = this.#options;
    const inPairs = subject.group.maximum === 2;
    const best = BestFirst.forSubject(context);
    for (const ticket of candidates(context)) {
      if (inPairs && !this.#suit(subject, ticket, now)) continue;
      best.add(ticket, this.#quality([subject, ticket]) + agePoints(ticket, now, points_per_minute));
    }
    const groups = inPairs
      ? groupsAround(context, () => best)
      : groupsAround(context, () => twice(best, MAX_COMPANIONS), this.#rules(now));
    let proposed = 0;
    for (const group of groups) {
      const others = group.filter(({ id }) => id !== subject.id);
      yield {
        tickets: group.map(({ id }) => id),
        score: this.#quality(group) + groupAgePoints(others, now, points_per_minute),
        reasons: this.#reasons(group, now),
      };
      if (++proposed === MAX_PROPOSALS) return;
    }
  }

  nextWake({ enqueuedAt }: Ticket, now: number): number | undefined {
    return this.#options.stages
      .map(({ after_seconds }) => enqueuedAt + Math.ceil(after_seconds * 1000))
      .find((at) => at > now);
  }

  explainWait(ticket: Ticket, context: MatchContext): readonly Reason[] {
    const { now } = context;
    const { needs, offers } = this.#featuresOf(ticket);
    if (needs.size + offers.size === 0) return [];
    const { proficiency_slack } = this.#stage(ticket, now);
    let met = 0;
    let suitable = 0;
    for (const candidate of explained(context)) {
      const pair = [ticket, candidate];
      met |= this.#metIn(pair, 0, now);
      if (!this.#isContent(pair, 0, now)) continue;
      if (this.#isContent(pair, 1, now)) return [];
      suitable++;
    }
    const wake = this.nextWake(ticket, now);
    const widens = wake === undefined ? '' : `; widens ${inSeconds(wake, now)}`;
    const unmet = needs.pick(~met).slice(0, MAX_NAMED);
    if (unmet.length > 0) {
      const skills = unmet.map(({ name, level }) => levelled(name, level - proficiency_slack));
      return [{ code: 'need_unmet', text: `Nobody waiting offers ${listed(skills, 'or')}${widens}` }];
    }
    if (suitable > 0) {
      const would = suitable === 1 ? 'would suit you but needs' : 'would suit you but need';
      return [{ code: 'not_mutual', text: `${suitable} waiting ${would} more than you offer` }];
    }
    return needs.size > 0
      ? [{ code: 'needs_scattered', text: `Nobody waiting offers all that you need${widens}` }]
      : [{ code: 'nobody_to_help', text: 'Nobody waiting needs what you offer' }];
  }

  /** For groups of more than two, who joins must be of use or content; in the end everybody must be content. */
  #rules(now: number): FillRules {
    let known: { group: readonly Ticket[]; size: number; unmet: number[] } | undefined;
    const unmetIn = (group: readonly Ticket[]) => {
      if (known?.group !== group || known.size !== group.length) {
        const unmet = group.map((_, i) => ~this.#metIn(group, i, now));
        known = { group, size: group.length, unmet };
      }
      return known.unmet;
    };
    return {
      accepts: (group, candidate) => {
        const unmet = unmetIn(group);
        const isOfUse = group.some((member, i) => (this.#metBy(member, candidate, now) & unmet[i]!) !== 0);
        return isOfUse || this.#isContent([candidate, ...group], 0, now);
      },
      suffices: (group) => this.#areContent(group, now),
    };
  }

  /** Whether two are content with each other. */
  #suit(one: Ticket, other: Ticket, now: number): boolean {
    const mine = this.#metBy(one, other, now);
    // Most pairs end here.
    if (mine === 0 && this.#featuresOf(one).needs.size > 0 && this.#stage(one, now).needs_share > 0) return false;
    const theirs = this.#metBy(other, one, now);
    return this.#isServed(one, mine, theirs !== 0, now) && this.#isServed(other, theirs, mine !== 0, now);
  }

  #areContent(group: readonly Ticket[], now: number): boolean {
    return group.every((_, i) => this.#isContent(group, i, now));
  }

  #isContent(group: readonly Ticket[], index: number, now: number): boolean {
    const ticket = group[index]!;
    const helps = group.some((other) => other !== ticket && this.#metBy(other, ticket, now) !== 0);
    return this.#isServed(ticket, this.#metIn(group, index, now), helps, now);
  }

  /** Whether a ticket is content when these of its needs are met, and when it helps or does not help anybody. */
  #isServed(ticket: Ticket, met: number, helps: boolean, now: number): boolean {
    const { needs, offers } = this.#featuresOf(ticket);
    const { needs_share } = this.#stage(ticket, now);
    if (needs.size > 0) return countBits(met) >= needs_share * needs.size;
    // Whoever neither needs nor offers anything meets anybody.
    return helps || offers.size === 0 || needs_share === 0;
  }

  /** Which of a ticket's needs another one's offers meet. */
  #metBy(ticket: Ticket, other: Ticket, now: number): number {
    return this.#featuresOf(ticket).needs.metBy(
      this.#featuresOf(other).offers,
      this.#stage(ticket, now).proficiency_slack,
    );
  }

  /** Which needs of a ticket the others of its group meet. */
  #metIn(group: readonly Ticket[], index: number, now: number): number {
    const ticket = group[index]!;
    return group.reduce((met, other) => (other === ticket ? met : met | this.#metBy(ticket, other, now)), 0);
  }

  /** The part of a group's needs that is met, from 0 to 1; one that is met only below its level counts half. */
  #quality(group: readonly Ticket[]): number {
    const features = group.map((ticket) => this.#featuresOf(ticket));
    let met = 0;
    let all = 0;
    for (const one of features) {
      let fully = 0;
      let partly = 0;
      for (const other of features) {
        if (other === one) continue;
        fully |= one.needs.metBy(other.offers, 0);
        partly |= one.needs.metBy(other.offers, LEVEL_MAX);
      }
      met += countBits(fully) + countBits(partly);
      all += 2 * one.needs.size;
    }
    return all === 0 ? 0 : met / all;
  }

  #stage({ enqueuedAt }: Ticket, now: number): SkillStage {
    let current = STRICT;
    for (const stage of this.#options.stages) {
      if (now < enqueuedAt + Math.ceil(stage.after_seconds * 1000)) break;
      current = stage;
    }
    return current;
  }

  #featuresOf(ticket: Ticket): Features {
    let features = this.#features.get(ticket);
    if (!features) {
      const members = membersOf(ticket);
      const { needs, offers } = this.#options;
      features = { needs: SkillSet.of(members, needs), offers: SkillSet.of(members, offers) };
      this.#features.set(ticket, features);
    }
    return features;
  }

  #reasons(group: readonly Ticket[], now: number): readonly Reason[] {
    const met = group.map((ticket, i) => this.#featuresOf(ticket).needs.pick(this.#metIn(group, i, now)));
    const names = [...new Set(met.flat().map(({ name }) => name))].slice(0, MAX_NAMED);
    if (names.length === 0) {
      return [{ code: 'waited_long', text: 'You have waited long enough to meet somebody with other skills' }];
    }
    const sides = met.filter((skills) => skills.length > 0).length;
    const who =
      group.length > 2
        ? 'Among you are those who can help with'
        : sides === 2
          ? 'You can help each other with'
          : 'One of you can help the other with';
    return [{ code: 'needs_met', text: `${who} ${listed(names)}` }];
  }
}

/** The best so many, and once more those for whom it was too early the first time. */
function* twice(best: Iterable<Ticket>, most: number): Generator<Ticket> {
  for (let pass = 0; pass < 2; pass++) {
    let count = 0;
    for (const ticket of best) {
      if (++count > most) break;
      yield ticket;
    }
  }
}

const levelled = (name: string, level: number) => (level > 1 ? `${name} at level ${level}` : name);

function isAscending(stages: unknown): boolean {
  if (!Array.isArray(stages)) return true;
  const times = stages.map((stage: Partial<SkillStage> | null) => stage?.after_seconds ?? 0);
  return times.every((after, i) => i === 0 || after > times[i - 1]!);
}
