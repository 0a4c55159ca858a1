import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/index.js';
import {
  generateDay,
  type Result,
  type Scenario,
  simulationCharts,
  Simulator,
  strategyParts,
  summarise,
  summaryTable,
} from '../simulation/index.js';
import { type Arrival, formatArrival, readTraceFile, TRACE_HEADER, TraceError } from '../traces/index.js';

export const SIMULATE_USAGE = `parley simulate: tries strategies on the arrivals of a day, in virtual time

  --trace FILE         arrivals as TRACE_FILE recorded them
  --generate HOURS     or made-up ones from midnight on, 1 to 168 hours; 24 by default
  --arrivals N         how many are made up; 20000 by default
  --strategies LIST    names, packages or files, separated by commas; fifo,priority,affinity,skills by default
  --options JSON       options by strategy, e.g. '{"affinity":{...}}'
  --pool NAME          only this pool of a trace; the pool of made-up arrivals
  --patience SECONDS   for how long those wait whose arrival does not say; 900 by default
  --talk SECONDS       for how long they talk; 600 by default
  --cooldown SECONDS   for how long two who have met are kept apart; 0 by default
  --by NAME            by what people are grouped to compare their waits: an attribute, pool, provenance or priority;
                       languages by default
  --seed N             another number, another day; 1 by default
  --out FOLDER         where charts (and made-up arrivals) are written; simulation by default
  --json               prints JSON instead of a table
  --help`;

const FLAGS = {
  trace: { type: 'string' },
  generate: { type: 'string' },
  arrivals: { type: 'string' },
  strategies: { type: 'string', default: 'fifo,priority,affinity,skills' },
  options: { type: 'string', default: '{}' },
  pool: { type: 'string' },
  patience: { type: 'string' },
  talk: { type: 'string' },
  cooldown: { type: 'string' },
  by: { type: 'string', default: 'languages' },
  seed: { type: 'string' },
  out: { type: 'string', default: 'simulation' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const DAY_SECONDS = 86_400;
const POOL_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

interface Request {
  readonly scenario: Scenario;
  readonly made: boolean;
  readonly strategies: readonly string[];
  readonly options: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly out: string;
  readonly json: boolean;
}

/** A command line that is not what it must be. The message names the flag and the rule. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Leaves the standard output to what was asked for. */
class StandardErrorLogger extends ConsoleLogger {
  protected override printMessages(...[messages, context, level]: Parameters<ConsoleLogger['printMessages']>): void {
    super.printMessages(messages, context, level, 'stderr');
  }
}

/** `parley simulate`. @throws UsageError, TraceError, ConfigurationError */
export async function simulate(args: readonly string[]): Promise<void> {
  const request = parseRequest(args);
  if (!request) {
    console.log(SIMULATE_USAGE);
    return;
  }
  const results = await run(request);
  const files = await write(request, results);
  const summaries = results.map(({ summary }) => summary);
  if (request.json) {
    console.log(
      JSON.stringify({ seed: request.scenario.seed, by: request.scenario.groupBy, files, summaries }, undefined, 2),
    );
    return;
  }
  console.log(`${summaryTable(summaries)}\n\nWaits in minutes:seconds. Written: ${files.join(' ')}`);
  for (const { strategy, failures, absent } of summaries) {
    if (failures > 0) console.log(`${strategy} failed, or proposed what cannot be, ${failures} times`);
    if (absent > 0) console.log(`${strategy}: ${absent} arrivals were of people still there; they count for nothing`);
  }
}

/** What failed, in words for the terminal, and the exit code for it; undefined for what nobody foresaw. */
export function simulationFailure(error: unknown): { readonly message: string; readonly code: number } | undefined {
  if (error instanceof UsageError) return { message: `${error.message}\nSee parley simulate --help`, code: 2 };
  // Whatever is configured here came by a flag.
  if (error instanceof ConfigurationError) return { message: error.message, code: 2 };
  if (error instanceof TraceError) return { message: `Trace: ${error.message}`, code: 1 };
  if (isSystemError(error)) return { message: `${error.path} cannot be written: ${error.code}`, code: 1 };
  return undefined;
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error;

async function run({ scenario, strategies, options }: Request): Promise<Result[]> {
  Logger.overrideLogger(new StandardErrorLogger({ logLevels: ['warn', 'error', 'fatal'] }));
  const parts = await strategyParts();
  const results: Result[] = [];
  try {
    for (const strategy of strategies) {
      const labels = { strategy: '--strategies', options: `--options.${strategy}` };
      const setting = { strategy, options: options[strategy] ?? {}, labels };
      const simulated = await Simulator.run(scenario, setting, parts);
      const name = strategy.includes('/') ? basename(strategy) : strategy;
      results.push({ run: simulated, summary: summarise({ ...simulated, strategy: name }) });
    }
  } finally {
    await parts.close();
  }
  if (results.some(({ run: { visits } }) => visits.length === 0)) throw new TraceError('nobody arrives');
  return results;
}

async function write({ out, made, scenario }: Request, results: readonly Result[]): Promise<string[]> {
  await mkdir(out, { recursive: true });
  const files = new Map(simulationCharts(results, scenario.groupBy));
  if (made) {
    const lines = [...(scenario.arrivals() as Iterable<Arrival>)].map(formatArrival);
    files.set('trace.jsonl', `${[JSON.stringify(TRACE_HEADER), ...lines].join('\n')}\n`);
  }
  const paths = [...files.keys()].map((name) => join(out, name));
  await Promise.all([...files.values()].map((text, index) => writeFile(paths[index]!, text)));
  return paths;
}

/** Undefined: help is wanted. */
function parseRequest(args: readonly string[]): Request | undefined {
  const flags = parseFlags(args);
  if (flags.help) return undefined;
  if (flags.trace !== undefined && (flags.generate !== undefined || flags.arrivals !== undefined)) {
    throw new UsageError('--trace does not go with --generate and --arrivals');
  }
  if (flags.pool !== undefined && !POOL_NAME.test(flags.pool))
    throw new UsageError('--pool must be the name of a pool');
  const strategies = flags.strategies.split(',').map((name) => name.trim());
  if (strategies.includes('')) throw new UsageError('--strategies must be names separated by commas');
  const seed = whole('--seed', flags.seed, 1, 0, 2 ** 32 - 1);
  const plan = {
    hours: whole('--generate', flags.generate, 24, 1, 168),
    arrivals: whole('--arrivals', flags.arrivals, 20_000, 1, 1_000_000),
    seed,
    pool: flags.pool ?? 'default',
  };
  const { trace } = flags;
  return {
    scenario: {
      arrivals: trace === undefined ? () => generateDay(plan) : () => readTraceFile(trace),
      ...(flags.pool !== undefined && { pool: flags.pool }),
      seed,
      patienceMs: whole('--patience', flags.patience, 900, 1, DAY_SECONDS) * 1000,
      talkMs: whole('--talk', flags.talk, 600, 1, DAY_SECONDS) * 1000,
      cooldownMs: whole('--cooldown', flags.cooldown, 0, 0, 30 * DAY_SECONDS) * 1000,
      groupBy: flags.by,
    },
    made: trace === undefined,
    strategies,
    options: parseOptions(flags.options, strategies),
    out: flags.out,
    json: flags.json,
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0]);
  }
}

function parseOptions(text: string, strategies: readonly string[]): Request['options'] {
  const wrong = new UsageError(`--options must be a JSON object of objects, e.g. '{"affinity":{}}'`);
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (!isObject(options) || !Object.values(options).every(isObject)) throw wrong;
  const unknown = Object.keys(options).find((name) => !strategies.includes(name));
  if (unknown !== undefined) throw new UsageError(`--options names ${JSON.stringify(unknown)}, --strategies does not`);
  return options as Request['options'];
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function whole(flag: string, text: string | undefined, byDefault: number, min: number, max: number): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`${flag} must be a whole number from ${min} to ${max}`);
  }
  return value;
}
