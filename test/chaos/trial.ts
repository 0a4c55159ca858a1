import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { Random } from '../../src/simulation/random.js';
import { until } from '../support/until.js';
import { Fleet, type Settings } from './fleet.js';
import { type Promises, verify } from './invariants.js';
import { leftovers } from './leftovers.js';
import { Participant } from './participant.js';
import type { Life } from './record.js';

/** How long the load runs, and the seed of everything that is drawn. */
export const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 5);
export const SEED = Number(process.env['CHAOS_SEED'] ?? (process.env['CI'] ? 20261122 : Date.now() % 1_000_000));
/** Only against hanging, in milliseconds. */
export const TIMEOUT_MS = SECONDS * 1_000 + 300_000;
/** How long the calm after the faults may take to settle everything, on a busy machine, in milliseconds. */
const CALM_MS = 90_000;
/** How long it may take in the calm until everybody who looks for a partner has met one, on a busy machine, in milliseconds. */
const MEETING_MS = 30_000;
/** Handles that an instance may hold more than at its start, when all its clients have gone. */
const SPARE_HANDLES = 12;
/** What an instance's memory may grow by, in MiB: its heap is not bounded by what it holds but by when it is collected. */
const SPARE_MIB = 200;

/** What every instance is told, besides where its state is. */
const SETTINGS: Settings = {
  LOG_LEVEL: 'info',
  // The load is to be stopped by faults, not by limits, and read back whole.
  MESSAGE_RATE_COUNT: '0',
  JOIN_RATE_COUNT: '0',
  EVENT_LOG_ENTRIES: '1000000',
  ENDED_ROOMS_MAX: '0',
  // A busy machine holds up strategies that are well.
  STRATEGY_BUDGET_MS: '10000',
  DRAIN_SECONDS: '1',
  // So that a client soon knows that nobody is there any more.
  STREAM_KEEPALIVE_SECONDS: '1',
  WEB_PAGE: 'false',
  MCP_APP: 'false',
};

export interface TrialOptions extends Promises {
  /** What it is about, for the report. */
  readonly title: string;
  /** As the instances are told it, by number. */
  readonly stateUrl: (i: number) => string;
  /** A connection for looking at what is there when all is over. */
  readonly control: () => Redis;
  readonly instances?: number;
  readonly participants?: number;
  /** Most messages that somebody says in a room before leaving it. */
  readonly says?: number;
  readonly settings?: (i: number) => Settings;
  /** Where clients find the instances, when not directly. */
  readonly places?: (fleet: Fleet) => Promise<readonly URL[]>;
  /** Longest that a client waits for an answer, in milliseconds. */
  readonly patienceMs?: number;
  /** Whether the state may forget participants. */
  readonly mayForget?: boolean;
  /** Waits for what is to be complete before it is read back. */
  readonly settled?: (lives: readonly Life[]) => Promise<void>;
  /** Looks further when everybody has left everything, while the instances still run; what is wrong, in words. */
  readonly afterwards?: (lives: readonly Life[]) => Promise<readonly string[]>;
  /** Errors that instances are to log. */
  readonly mayLog?: RegExp;
}

/** What is under way, for faults to meddle with. */
export interface Stage {
  readonly fleet: Fleet;
  readonly participants: readonly Participant[];
  readonly random: Random;
  /** Milliseconds until the load is over; never below 0. */
  readonly leftMs: () => number;
  /** Does something again and again, at random moments, for as long as the load runs. */
  readonly repeat: (least: number, most: number, what: () => Promise<void>) => Promise<void>;
}

/**
 * People of both eras who meet and talk by every path, on instances to which `faults` happen; when they are over and calm
 * has come, everything that was promised is looked up. @throws Error that lists all that is wrong
 */
export async function trial(options: TrialOptions, faults: (stage: Stage) => Promise<void>): Promise<Stage> {
  const { title, instances = 2, participants: count = 12, says = 8, patienceMs = 5_000 } = options;
  const random = new Random(SEED);
  const deadline = new AbortController();
  const fleet = await Fleet.start(instances, (i) => ({
    ...SETTINGS,
    STATE_URL: options.stateUrl(i),
    ...options.settings?.(i),
  }));
  const places = (await options.places?.(fleet)) ?? fleet.urls;
  const participants = Array.from(
    { length: count },
    (_, i) =>
      new Participant({
        name: `P${i + 1}`,
        era: i % 2 === 0 ? '2025-11-25' : '2026-07-28',
        ear: i % 4 < 2 ? 'stream' : 'wait',
        places: () => places,
        first: Math.floor(i / 2),
        patienceMs,
        says,
        random: new Random(random.whole(0, 2 ** 31)),
        deadline: deadline.signal,
      }),
  );
  try {
    const before = fleet.instances.map(({ handles, memoryMib }) => ({ handles, memoryMib }));
    for (const participant of participants) await participant.begin();
    const running = Promise.all(participants.map((participant) => participant.run()));
    const end = performance.now() + SECONDS * 1_000;
    const leftMs = () => Math.max(0, end - performance.now());
    const repeat: Stage['repeat'] = async (least, most, what) => {
      for (;;) {
        const pause = random.whole(least, most);
        if (pause >= leftMs()) return;
        await sleep(pause);
        await what();
      }
    };
    const stage = { fleet, participants, random, leftMs, repeat };
    await Promise.race([faults(stage), running]);
    await Promise.race([sleep(leftMs()), running]);
    const lonely = await lonelyIn(participants, running);
    participants.forEach((participant) => participant.stop());
    const timer = setTimeout(() => deadline.abort(new Error('calm did not settle everything')), CALM_MS);
    await running;
    await allHeard(participants);
    await options.settled?.(participants.flatMap((participant) => participant.lives));
    await Promise.all(participants.map((participant) => participant.readBack()));
    clearTimeout(timer);
    const lives = participants.flatMap((participant) => participant.lives);
    const wrong = [...lonely, ...verify(lives, options)];
    if (!options.mayForget) wrong.push(...(await leftovers(options.control())));
    const forgotten = lives.filter((life) => life.forgotten).length;
    if (forgotten > 0 && !options.mayForget) wrong.push(`${forgotten} participants were forgotten`);
    wrong.push(...((await options.afterwards?.(lives)) ?? []));
    wrong.push(...complaintsOf(fleet, options.mayLog));
    participants.forEach((participant) => participant.close());
    wrong.push(...(await growth(fleet, before)));
    report(title, participants);
    if (wrong.length > 0) throw new Error(`${title}, seed ${SEED}:\n${wrong.slice(0, 40).join('\n')}`);
    return stage;
  } finally {
    deadline.abort(new Error('the trial is over'));
    participants.forEach((participant) => participant.close());
    await fleet.end();
  }
}

/** Who meets nobody although others look for a partner as well, now that the faults are over. */
async function lonelyIn(participants: readonly Participant[], running: Promise<unknown>): Promise<string[]> {
  const since = Date.now();
  const lonely = () => participants.filter((participant) => !participant.hasMet(since));
  const met = until('everybody to meet somebody', () => lonely().length === 0, MEETING_MS).catch(() => undefined);
  await Promise.race([met, running]);
  return lonely().map(({ life }) => `${life.name} met nobody for ${MEETING_MS / 1_000} s after the faults`);
}

/** Waits for everybody to have heard live what the log has; what then is missing is said by whoever compares. */
async function allHeard(participants: readonly Participant[]): Promise<void> {
  await Promise.all(
    participants.map(async (participant) => {
      const head = await participant.head();
      const isThere = () => (participant.life.heard.at(-1)?.event.cursor ?? participant.life.cursor) === head;
      await until('the last event', isThere, 20_000).catch(() => undefined);
    }),
  );
}

/** Errors, and strategies that are blamed. Instances say errors on standard error as well. */
function complaintsOf(fleet: Fleet, mayLog: RegExp | undefined): string[] {
  const logged = fleet.log.filter(({ level, context }) => level === 'warn' && context === 'Matching');
  const said = fleet.instances.flatMap(({ complaints }) => complaints);
  return [...logged.map((line) => JSON.stringify(line)), ...said].filter((line) => !mayLog?.test(line));
}

/** Instances that hold on to what nobody needs any more. */
async function growth(fleet: Fleet, before: readonly { handles: number; memoryMib: number }[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const [i, instance] of fleet.instances.entries()) {
    const limit = before[i]!.handles + SPARE_HANDLES;
    await until('handles to be let go', () => instance.handles <= limit, 15_000).catch(() =>
      wrong.push(`instance ${i + 1} has ${instance.handles} handles, ${before[i]!.handles} at its start`),
    );
    const { memoryMib } = instance;
    if (memoryMib > before[i]!.memoryMib + SPARE_MIB)
      wrong.push(`instance ${i + 1} has ${memoryMib.toFixed()} MiB, ${before[i]!.memoryMib.toFixed()} at its start`);
  }
  return wrong;
}

/** How long after their acceptance messages were heard live, in milliseconds, the quickest first. */
export function delays(participants: readonly Participant[]): number[] {
  const lives = participants.flatMap((participant) => participant.lives);
  const accepted = new Map(lives.flatMap(({ sent }) => sent.map((one) => [one.text, one.accepted?.at])));
  return lives
    .flatMap(({ heard }) => heard)
    .flatMap(({ event, at }) => {
      const from = event.name === 'message.received' && accepted.get(event.data['message'] as string);
      return from ? [Math.max(0, at - from)] : [];
    })
    .sort((a, b) => a - b);
}

function report(title: string, participants: readonly Participant[]): void {
  const lives = participants.flatMap((participant) => participant.lives);
  const sum = (of: (each: (typeof lives)[number]) => number) => lives.reduce((total, life) => total + of(life), 0);
  const facts = [
    `${sum(({ sent }) => sent.filter(({ accepted }) => accepted).length)} messages`,
    `${sum(({ log }) => log.filter(({ name }) => name === 'chatroom.found').length) / 2} matches`,
    `${participants.reduce((total, { repeated }) => total + repeated, 0)} calls repeated`,
    `${delays(participants).at(-1) ?? 0} ms at most until heard`,
    `seed ${SEED}, ${SECONDS} s`,
  ];
  process.stdout.write(`chaos: ${title}: ${facts.join(', ')}\n`);
}
