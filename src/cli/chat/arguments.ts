import { parseArgs } from 'node:util';
import { DEFAULT_ENDPOINT, endpoint } from '../endpoint.js';
import { UsageError } from '../usage-error.js';

export const CHAT_USAGE = `parley chat [url]: find somebody and talk, in the terminal or through pipes

  url                  of the service; ${DEFAULT_ENDPOINT} by default, and /mcp may be left out
  --name NAME          what others call you
  --pool POOL          find somebody in this pool at once
  --interests A,B      what you would like to talk about
  --room ROOM          join this room at once, instead of finding somebody
  --no-color           no colours, as NO_COLOR says for all programs
  --help

Through pipes (echo hi | parley chat --name Ann): each line of the input is a message. They are sent in order
once a partner is there; what the partner says comes out as HH:MM:SS name: text, the rest on stderr.

  --linger SECONDS     for how long to listen after the last line; 0 by default, at most 86400
  --retry SECONDS      for how long to try again when the service is lost; 60 by default, at most 86400
  --json               one JSON object per event instead of lines

PARLEY_BEARER_TOKEN is sent to services that want a bearer token.
Exit codes: 0 done, 1 could not connect or lost the conversation, 2 wrong usage, 130 interrupted.`;

const FLAGS = {
  name: { type: 'string' },
  pool: { type: 'string' },
  interests: { type: 'string' },
  room: { type: 'string' },
  'no-color': { type: 'boolean', default: false },
  linger: { type: 'string' },
  retry: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const DAY_SECONDS = 86_400;

/** What `parley chat` was asked for. */
export interface ChatRequest {
  readonly url: URL;
  readonly name?: string;
  readonly pool?: string;
  readonly room?: string;
  readonly interests: readonly string[];
  /** False: never; otherwise as the terminal and the environment say. */
  readonly colour: boolean;
  readonly lingerMs: number;
  readonly retryMs: number;
  readonly json: boolean;
}

/** @throws UsageError */
export function parseChatArguments(args: readonly string[]): ChatRequest | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (positionals.length > 1) throw new UsageError(`one url is enough; ${JSON.stringify(positionals[1])} is too much`);
  if (values.pool !== undefined && values.room !== undefined) throw new UsageError('--pool does not go with --room');
  const [name, pool, room] = (['name', 'pool', 'room'] as const).map((flag) => label(flag, values[flag]));
  const interests = (values.interests ?? '').split(',').map((interest) => interest.trim());
  return {
    url: endpoint(positionals[0]),
    ...(name !== undefined && { name }),
    ...(pool !== undefined && { pool }),
    ...(room !== undefined && { room }),
    interests: interests.filter((interest) => interest !== ''),
    colour: !values['no-color'],
    lingerMs: seconds('--linger', values.linger, 0),
    retryMs: seconds('--retry', values.retry, 60),
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0]);
  }
}

function label(flag: string, value: string | undefined): string | undefined {
  if (value?.trim() === '') throw new UsageError(`--${flag} must not be blank`);
  return value?.trim();
}

function seconds(flag: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault * 1000;
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > DAY_SECONDS) {
    throw new UsageError(`${flag} must be a number of seconds from 0 to ${DAY_SECONDS}`);
  }
  return Math.round(value * 1000);
}
