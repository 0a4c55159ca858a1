import type { Attributes, Provenance } from '../domain/participant.js';
import { exactly, type GroupSize } from '../domain/ticket.js';
import { Random } from './random.js';
import type { Arrival } from '../traces/index.js';

/** How many arrivals a made-up day is to have, and how long it is to last. */
export interface DayPlan {
  /** From midnight on; more than 24 go into the next days. */
  readonly hours: number;
  readonly arrivals: number;
  readonly seed: number;
  readonly pool: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How many arrive, hour by hour from midnight, in parts of the busiest hour: quiet nights, a lunch break, busy evenings. */
const RATE = [25, 15, 10, 8, 8, 10, 18, 30, 42, 50, 55, 62, 74, 68, 56, 54, 58, 66, 80, 94, 100, 92, 70, 45];

/** First languages, by how many speak them; the last ones are rare on purpose, to show who is left waiting. */
const LANGUAGES = { en: 44, de: 20, fr: 13, es: 13, pl: 6, tr: 3, is: 1 };
const INTERESTS = {
  music: 14,
  films: 13,
  games: 12,
  travel: 11,
  football: 10,
  cooking: 9,
  books: 8,
  hiking: 7,
  photography: 6,
  programming: 5,
  gardening: 3,
  astronomy: 2,
};
const SKILLS = { typescript: 24, python: 22, sql: 16, kubernetes: 12, rust: 10, statistics: 9, accessibility: 7 };

/** Beside the probabilities: medians in milliseconds. */
const SPEAKS_ENGLISH_TOO = 0.55;
const ASKS_FOR_LANGUAGE = 0.8;
const SEEKS = 0.3;
const OFFERS = 0.3;
const URGENT = 0.1;
const COMES_AGAIN = 0.25;
const AGENT = 0.05;
const PATIENCE = 6 * MINUTE;
const TALK = 12 * MINUTE;
const PAUSE = 10 * MINUTE;

interface Person {
  readonly number: number;
  readonly provenance: Provenance;
  readonly languages: readonly string[];
  readonly attributes: Attributes;
  /** When it is certainly neither waiting nor talking any more. */
  freeAt: number;
}

/**
 * The arrivals of a made-up day: as many as the plan says, with attributes as the built-in strategies read them, and with
 * patience. Same plan, same day. Some come again, with their person's number, once they have certainly left.
 */
export function* generateDay({ hours, arrivals, seed, pool }: DayPlan): Generator<Arrival> {
  const random = new Random(seed);
  // Those who were there, in the order of being free again as far as that is known.
  const people: Person[] = [];
  let persons = 0;
  for (const at of arrivalTimes(hours, arrivals, random)) {
    const patienceMs = random.duration(PATIENCE, 0.8, MINUTE / 2, HOUR);
    const talkMs = random.duration(TALK, 0.7, MINUTE, 1.5 * HOUR);
    const candidate = random.whole(0, Math.max(0, people.length - 1));
    const again = random.chance(COMES_AGAIN) && (people[candidate]?.freeAt ?? Infinity) <= at;
    const person = again ? people[candidate]! : newPerson(++persons, random);
    if (!again) people.push(person);
    person.freeAt = at + patienceMs + talkMs + random.duration(PAUSE, 1, MINUTE, 8 * HOUR);
    const { number, provenance, languages, attributes } = person;
    yield {
      at,
      pool,
      provenance,
      attributes,
      party: [],
      criteria: random.chance(ASKS_FOR_LANGUAGE) ? { attribute: 'languages', in: languages } : null,
      group: groupSize(random),
      priority: random.chance(URGENT) ? random.whole(1, 5) : 0,
      patienceMs,
      talkMs,
      person: number,
    };
  }
}

function newPerson(number: number, random: Random): Person {
  const first = random.pick(LANGUAGES);
  const languages = first !== 'en' && random.chance(SPEAKS_ENGLISH_TOO) ? [first, 'en'] : [first];
  const skilled = () => random.pickSome(SKILLS, random.whole(1, 2)).map((skill) => `${skill}:${random.whole(1, 5)}`);
  const attributes: Attributes = {
    languages,
    interests: random.pickSome(INTERESTS, random.whole(1, 4)),
    ...(random.chance(SEEKS) && { needs: skilled() }),
    ...(random.chance(OFFERS) && { offers: skilled() }),
  };
  return { number, provenance: random.chance(AGENT) ? 'agent' : 'human', languages, attributes, freeAt: 0 };
}

function groupSize(random: Random): GroupSize {
  const kind = random.pick({ pair: 92, flexible: 6, three: 2 });
  if (kind === 'pair') return exactly(2);
  return kind === 'three' ? exactly(3) : { minimum: 2, maximum: 4, multiple: 1, patienceMs: 2 * MINUTE };
}

/** Whole milliseconds in order, drawn so that every hour has its part of them. */
function arrivalTimes(hours: number, count: number, random: Random): number[] {
  const ends: number[] = [];
  for (let hour = 0; hour < hours; hour++) ends.push((ends.at(-1) ?? 0) + RATE[hour % 24]!);
  const total = ends.at(-1) ?? 0;
  const times = Array.from({ length: count }, () => {
    const drawn = random.next() * total;
    const hour = ends.findIndex((end) => drawn < end);
    const start = ends[hour - 1] ?? 0;
    return Math.floor((hour + (drawn - start) / (ends[hour]! - start)) * HOUR);
  });
  return times.sort((a, b) => a - b);
}
