import { parseArgs } from 'node:util';
import { oneLine } from '../chat/printable.js';
import { cliEnvironment } from '../environment.js';
import { UsageError } from '../usage-error.js';
import { AdminClient, RefusedError } from './client.js';
import type { AdminCommand } from './command.js';
import { COMMANDS } from './commands.js';
import { safeJson } from './json.js';
import { serviceUrl } from './service-url.js';
import { commandUsage, usage } from './usage.js';

const COMMON = { url: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;

/** `parley admin`. Resolves with the exit code: 0 done, 1 refused or out of reach, 2 wrong usage. */
export async function admin(args: readonly string[]): Promise<number> {
  try {
    console.log(await said(args));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RefusedError)) throw error;
    const isUsage = error instanceof UsageError;
    console.error(`parley admin: ${oneLine(error.message)}${isUsage ? '\nSee parley admin --help' : ''}`);
    return isUsage ? 2 : 1;
  }
}

/** @throws UsageError, RefusedError */
async function said(args: readonly string[]): Promise<string> {
  const [first] = args;
  if (first === undefined || first === '--help') return usage(COMMANDS);
  const found = commandOf(args);
  if (!found) throw new UsageError(`unknown command ${JSON.stringify(args.join(' '))}`);
  const { command, rest } = found;
  const { values, positionals } = parse(command, rest);
  if (values['help']) return commandUsage(command, COMMANDS);
  const { adminToken, serviceUrl: url } = cliEnvironment();
  const given = { ...(values as Readonly<Record<string, string>>), ...argumentsOf(command, positionals) };
  const client = new AdminClient(serviceUrl(given['url'] ?? url), adminToken);
  const answer = await client.send(command.request(given));
  return values['json'] ? safeJson(answer) : command.show(answer as never);
}

/** The command with the most words that the line begins with. */
function commandOf(args: readonly string[]): { command: AdminCommand; rest: readonly string[] } | undefined {
  for (const words of [2, 1]) {
    const command = COMMANDS.find((each) => each.words === args.slice(0, words).join(' '));
    if (command) return { command, rest: args.slice(words) };
  }
  return undefined;
}

/** @throws UsageError */
function parse({ flags = {} }: AdminCommand, args: readonly string[]) {
  const own = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: 'string' } as const]));
  try {
    return parseArgs({ args: [...args], options: { ...own, ...COMMON }, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0]);
  }
}

/** @throws UsageError */
function argumentsOf({ words, takes = [] }: AdminCommand, given: readonly string[]): Record<string, string> {
  const missing = takes.find((_, i) => (given[i] ?? '') === '');
  if (missing !== undefined) throw new UsageError(`${missing} is missing after "${words}"`);
  const extra = given[takes.length];
  if (extra !== undefined) throw new UsageError(`${JSON.stringify(extra)} is too much after "${words}"`);
  return Object.fromEntries(takes.map((name, i) => [name, given[i]!]));
}
