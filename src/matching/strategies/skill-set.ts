import type { TicketMember } from '../../domain/ticket.js';
import { bitOf, hashOf, normal, wordsOf } from './features.js';

/** Levels of proficiency; one that is not given is the lowest. */
export const LEVEL_MAX = 5;
/** Most skills of a set, so that 32 bits can tell which of them are met. */
const MAX_SKILLS = 32;
const SKILL = new RegExp(`^([\\p{L}\\p{N}][\\p{L}\\p{N} .+#/_-]{0,39})(?::\\s*([1-${LEVEL_MAX}]))?$`, 'u');

export interface Skill {
  readonly name: string;
  /** 1 to 5. */
  readonly level: number;
}

/** Reads `react:3`, or `react` for the lowest level. */
export function parseSkill(text: string): Skill | undefined {
  const [, name, level = '1'] = SKILL.exec(normal(text)) ?? [];
  return name === undefined ? undefined : { name: name.trim(), level: Number(level) };
}

/** Skills that are needed or offered, each once with its highest level, ready to be compared fast. */
export class SkillSet {
  readonly skills: readonly Skill[];
  readonly #hashes: Int32Array;
  readonly #mask: number;

  constructor(skills: Iterable<Skill>) {
    const highest = new Map<string, { skill: Skill; hash: number }>();
    for (const skill of skills) {
      const level = highest.get(skill.name)?.skill.level ?? 0;
      if (skill.level > level) highest.set(skill.name, { skill, hash: hashOf(skill.name) });
    }
    const sorted = [...highest.values()].slice(0, MAX_SKILLS).sort((a, b) => a.hash - b.hash);
    this.skills = sorted.map(({ skill }) => skill);
    this.#hashes = Int32Array.from(sorted, ({ hash }) => hash);
    this.#mask = this.#hashes.reduce((mask, hash) => mask | bitOf(hash), 0);
  }

  /** What members have in an attribute, as far as it can be read. */
  static of(members: readonly TicketMember[], attribute: string): SkillSet {
    const words = members.flatMap(({ attributes }) => [...wordsOf(attributes, attribute).keys()]);
    return new SkillSet(words.map(parseSkill).filter((skill) => skill !== undefined));
  }

  get size(): number {
    return this.skills.length;
  }

  /** Which of these needs others' offers meet, one bit each. @param slack how many levels below the need will do */
  metBy(offers: SkillSet, slack: number): number {
    if ((this.#mask & offers.#mask) === 0) return 0;
    const [a, b] = [this.#hashes, offers.#hashes];
    let met = 0;
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      const difference = a[i]! - b[j]!;
      if (difference === 0 && offers.skills[j]!.level >= this.skills[i]!.level - slack) met |= 1 << i;
      if (difference <= 0) i++;
      if (difference >= 0) j++;
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
