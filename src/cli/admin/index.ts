import { parseArgs } from 'node:util';
import { cliEnvironment } from '../environment.js';
import { operatorCommand } from '../operator-command.js';
import { UsageError } from '../usage-error.js';
import { AdminClient } from './client.js';
import type { AdminCommand } from './command.js';
import { COMMANDS } from './commands.js';
import { serviceUrl } from './service-url.js';
import { commandUsage, usage } from './usage.js';

const COMMON = { url: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;

/** `parley admin`; returns the exit code. */
export const admin = (args: readonly string[]): Promise<number> =>
  operatorCommand('admin', async () => {
    const found = commandOf(args);
    if (!found) return sayUsage(args);
    const { command, rest } = found;
    const own = Object.fromEntries(Object.keys(command.flags ?? {}).map((name) => [name, { type: 'string' } as const]));
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: { ...own, ...COMMON },
      strict: true,
      allowPositionals: true,
    });
    if (values.help) return console.log(commandUsage(command));
    const { adminToken, serviceUrl: url } = cliEnvironment();
    const request = command.request({ ...(values as Record<string, string>), ...argumentsOf(command, positionals) });
    const answer = await new AdminClient(serviceUrl(values.url ?? url), adminToken).send(request);
    console.log(values.json ? JSON.stringify(answer, undefined, 2) : command.show(answer as never));
  });

/** The command with the most words that the line begins with. */
function commandOf(args: readonly string[]): { command: AdminCommand; rest: readonly string[] } | undefined {
  for (const words of [2, 1]) {
    const command = COMMANDS.find((each) => each.words === args.slice(0, words).join(' '));
    if (command) return { command, rest: args.slice(words) };
  }
  return undefined;
}

function sayUsage(args: readonly string[]): void {
  const [first] = args;
  if (first !== undefined && first !== '--help')
    throw new UsageError(`unknown command ${JSON.stringify(args.join(' '))}`);
  console.log(usage(COMMANDS));
}

/** @throws UsageError */
function argumentsOf({ words, takes = [] }: AdminCommand, positionals: readonly string[]): Record<string, string> {
  if (positionals.length !== takes.length || positionals.includes('')) {
    const wanted = takes.length === 0 ? 'nothing more' : takes.join(' and ');
    throw new UsageError(`"${words}" takes ${wanted}, not ${JSON.stringify(positionals.join(' '))}`);
  }
  return Object.fromEntries(takes.map((name, i) => [name, positionals[i]!]));
}
