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

/** The help of one command. */
export function commandUsage(command: AdminCommand): string {
  const flags = [
    ...Object.entries(command.flags ?? {}).map(
      ([name, { value, summary }]) => [`--${name} ${value}`, summary] as const,
    ),
    ...COMMON,
  ];
  const wide = Math.max(...flags.map(([flag]) => flag.length));
  const lines = flags.map(([flag, summary]) => line(flag, summary, wide));
  return [`parley admin ${wordsOf(command)}: ${command.summary}\n`, ...lines].join('\n');
}
