#!/usr/bin/env node
import { createRequire } from 'node:module';

const USAGE = `parley: pairs waiting participants and lets them talk over MCP

  parley [serve]     start the service; HOST, PORT and the rest come from the environment (.env.example lists all)
  parley simulate    try matching strategies on recorded or made-up arrivals; parley simulate --help says how
  parley api-key     make a key for AUTH_MODE=api-key; parley api-key --help says how
  parley --version
  parley --help`;

const [command = 'serve', ...rest] = process.argv.slice(2);
if (command === 'serve' && rest.length === 0) await import('../main.js');
else if (command === 'simulate') await simulate();
else if (command === 'api-key') process.exitCode = (await import('./api-key.js')).apiKey(rest);
else if (command === '--version') {
  console.log((createRequire(import.meta.url)('../../package.json') as { version: string }).version);
} else if (command === '--help') console.log(USAGE);
else {
  console.error(`parley: unknown command ${JSON.stringify([command, ...rest].join(' '))}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function simulate(): Promise<void> {
  // Loaded only when asked for: the service does without.
  const { simulate, simulationFailure } = await import('./simulate.js');
  try {
    await simulate(rest);
  } catch (error) {
    const failure = simulationFailure(error);
    if (!failure) throw error;
    console.error(`parley simulate: ${failure.message}`);
    process.exitCode = failure.code;
  }
}
