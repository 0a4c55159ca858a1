import type { TicketMember } from '../../domain/ticket.js';
import { bitOf, hashOf, normal, remembered, wordsOf } from './features.js';

/** Levels of proficiency; one that is not given is the lowest. */
export const LEVEL_MAX = 5;
/** Most skills of a set, so that 32 bits can tell which of them are met. */
const MAX_SKILLS = 32;
const SKILL = new RegExp(`^([\\p{L}\\p{N}][\\p{L}\\p{N} .+#/_-]{0,39})(?::\\s*([1-${LEVEL_MAX}]))?$`, 'u');

export interface Skill {
  readonly name: string;
  /** 1 to 5. */
  readonly level: number;
  readonly hash: number;
}

/** Reads `react:3`, or `react` for the lowest level; null when it is no skill. */
export const parseSkill = remembered((text): Skill | null => {
  const [, matched, level = '1'] = SKILL.exec(normal(text)) ?? [];
  if (matched === undefined) return null;
  const name = matched.trim();
  return { name, level: Number(level), hash: hashOf(name) };
});

/** Skills that are needed or offered, each once with its highest level, ready to be compared fast. */
export class SkillSet {
  /** Ordered by hash. */
  readonly skills: readonly Skill[];
  readonly #mask: number;

  constructor(skills: Iterable<Skill>) {
    const highest: Skill[] = [];
    for (const skill of skills) {
      const at = highest.findIndex(({ hash }) => hash === skill.hash);
      if (at < 0) highest.push(skill);
      else if (skill.level > highest[at]!.level) highest[at] = skill;
    }
    this.skills = highest.slice(0, MAX_SKILLS).sort((a, b) => a.hash - b.hash);
    this.#mask = this.skills.reduce((mask, { hash }) => mask | bitOf(hash), 0);
  }

  /** What members have in an attribute, as far as it can be read. */
  static of(members: readonly TicketMember[], attribute: string): SkillSet {
    const words = members.flatMap(({ attributes }) => wordsOf(attributes, attribute));
    return new SkillSet(words.map(parseSkill).filter((skill) => skill !== null));
  }

  get size(): number {
    return this.skills.length;
  }

  /** Which of these needs others' offers meet, one bit each. @param slack how many levels below the need will do */
  metBy(offers: SkillSet, slack: number): number {
    if ((this.#mask & offers.#mask) === 0) return 0;
    const a = this.skills;
    const b = offers.skills;
    let met = 0;
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      const need = a[i]!;
      const offer = b[j]!;
      if (need.hash === offer.hash && offer.level >= need.level - slack) met |= 1 << i;
      if (need.hash <= offer.hash) i++;
      if (need.hash >= offer.hash) j++;
    }
    return met;
  }

  /** Those for which a bit is set. */
  pick(bits: number): Skill[] {
    return this.skills.filter((_, i) => (bits & (1 << i)) !== 0);
  }
}

/** How many bits are set. */
export function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
