import type { AdminCommand } from './command.js';

const COMMON = [
  ['--url URL', 'of the service; PARLEY_URL by default, else http://127.0.0.1:3000'],
  ['--json', 'prints the answer as JSON'],
  ['--help', 'says more of a command'],
] as const;

const line = (words: string, summary: string, wide: number) => `  ${words.padEnd(wide)}  ${summary}`;
const wordsOf = ({ words, takes = [] }: AdminCommand) => [words, ...takes].join(' ');

/** The help of all commands. */
export function usage(commands: readonly AdminCommand[]): string {
  const wide = Math.max(...commands.map((command) => wordsOf(command).length));
  return [
    "parley admin COMMAND: what operators see and do, over the service's own API\n",
    ...commands.map((command) => line(wordsOf(command), command.summary, wide)),
    '',
    ...COMMON.map(([flag, summary]) => line(flag, summary, wide)),
    '\nPARLEY_ADMIN_TOKEN is sent as a bearer token: the ADMIN_TOKEN of the service, or a token with the scope parley:admin or',
    'parley:moderate. Exit codes: 0 done, 1 refused or out of reach, 2 wrong usage.',
  ].join('\n');
}

/** The help of one command, and of those that begin with it. */
export function commandUsage(command: AdminCommand, all: readonly AdminCommand[]): string {
  const flags = Object.entries(command.flags ?? {}).map(([name, { value, summary }]) => [
    `--${name} ${value}`,
    summary,
  ]);
  const further = all.filter(({ words }) => words.startsWith(`${command.words} `));
  const lines = [
    ...[...flags, ...COMMON].map(([flag, summary]) => [flag, summary] as const),
    ...further.map((each) => [wordsOf(each), each.summary] as const),
  ];
  const wide = Math.max(...lines.map(([words]) => words.length));
  const written = lines.map(([words, summary]) => line(words, summary, wide));
  if (further.length > 0) written.splice(-further.length, 0, '');
  return [`parley admin ${wordsOf(command)}: ${command.summary}\n`, ...written].join('\n');
}
