#!/usr/bin/env node
import { createRequire } from 'node:module';

interface Command {
  /** Its line in `parley --help`. */
  readonly usage: string;
  readonly summary: string;
  /** Loads what the command needs and runs it. Resolves with the exit code; nothing while it goes on by itself. */
  run(args: readonly string[]): Promise<number | void>;
}

// Each is loaded only when asked for: none pays for another.
const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    usage: 'parley [serve]',
    summary: 'start the service; HOST, PORT and the rest come from the environment (.env.example lists all)',
    run: async (args) => {
      if (args.length > 0) return unknown();
      await import('../main.js');
    },
  },
  chat: {
    usage: 'parley chat',
    summary: 'talk in the terminal, or through pipes; parley chat --help says how',
    run: async (args) => (await import('./chat/index.js')).chat(args),
  },
  bridge: {
    usage: 'parley bridge',
    summary: 'serve a host that only starts processes, over stdio; parley bridge --help says how',
    run: async (args) => (await import('./bridge/index.js')).bridge(args),
  },
  doctor: {
    usage: 'parley doctor',
    summary: 'check a service, and what clients will hear; parley doctor --help says how',
    run: async (args) => (await import('./doctor/index.js')).doctor(args),
  },
  admin: {
    usage: 'parley admin',
    summary: 'see and do what operators do; parley admin --help says how',
    run: async (args) => (await import('./admin/index.js')).admin(args),
  },
  'api-key': {
    usage: 'parley api-key',
    summary: 'make a key for AUTH_MODE=api-key; parley api-key --help says how',
    run: async (args) => (await import('./api-key.js')).apiKey(args),
  },
  migrate: {
    usage: 'parley migrate',
    summary: 'bring the tables of HISTORY_URL up to date; parley migrate --help says how',
    run: async (args) => (await import('./migrate.js')).migrate(args),
  },
  forget: {
    usage: 'parley forget',
    summary: 'delete what is kept of a participant; parley forget --help says how',
    run: async (args) => (await import('./forget.js')).forget(args),
  },
  simulate: {
    usage: 'parley simulate',
    summary: 'try matching strategies on recorded or made-up arrivals; parley simulate --help says how',
    run: simulate,
  },
};

const [name = 'serve', ...rest] = process.argv.slice(2);
const code = await run();
if (code !== undefined) process.exitCode = code;

async function run(): Promise<number | void> {
  if (name === '--help') return console.log(usage());
  if (name === '--version') return console.log(version());
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name]!.run(rest) : unknown();
}

function usage(): string {
  const lines = Object.values(COMMANDS).map(({ usage, summary }) => `  ${usage.padEnd(18)} ${summary}`);
  return [
    'parley: pairs waiting participants and lets them talk over MCP\n',
    ...lines,
    '  parley --version',
    '  parley --help',
  ].join('\n');
}

function unknown(): number {
  console.error(`parley: unknown command ${JSON.stringify([name, ...rest].join(' '))}\n\n${usage()}`);
  return 2;
}

function version(): string {
  return (createRequire(import.meta.url)('../../package.json') as { version: string }).version;
}

async function simulate(args: readonly string[]): Promise<number | void> {
  const { simulate, simulationFailure } = await import('./simulate.js');
  try {
    await simulate(args);
  } catch (error) {
    const failure = simulationFailure(error);
    if (!failure) throw error;
    console.error(`parley simulate: ${failure.message}`);
    return failure.code;
  }
}
