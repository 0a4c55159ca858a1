/** What can be typed with a slash in front, in the order in which `/help` tells it. */
export const COMMANDS = [
  { name: 'enter', takes: '[pool]', does: 'find somebody to talk to' },
  { name: 'join', takes: 'NAME', does: 'join a room by its name, or open it' },
  { name: 'next', takes: '', does: 'leave, and find somebody else' },
  { name: 'leave', takes: '', does: 'leave the conversation, or the queue' },
  { name: 'accept', takes: '', does: 'accept the match that is offered' },
  { name: 'decline', takes: '', does: 'decline it' },
  { name: 'block', takes: '[name]', does: 'never meet a partner again' },
  { name: 'report', takes: '[name] [reason]', does: 'report a partner to those who run the service' },
  { name: 'rooms', takes: '', does: 'list your conversations' },
  { name: 'switch', takes: 'N', does: 'go to another conversation' },
  { name: 'name', takes: 'NAME', does: 'your name, from your next conversation on' },
  { name: 'status', takes: '', does: 'where you stand' },
  { name: 'help', takes: '', does: 'this list' },
  { name: 'quit', takes: '', does: 'leave everything and end (also Ctrl-C, Ctrl-D)' },
] as const;

export type CommandName = (typeof COMMANDS)[number]['name'];

/** What a person typed and sent off. */
export type Typed =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'command'; readonly name: CommandName; readonly rest: string }
  /** `meant`: the known command that is most like it. */
  | { readonly kind: 'unknown'; readonly word: string; readonly meant?: CommandName };

const COMMAND = /^\/(\S*)\s*(.*)$/s;

/** `/name rest` is a command, `//text` the message `/text`, anything else a message. */
export function parseTyped(text: string): Typed {
  if (text.trim() === '') return { kind: 'nothing' };
  if (text.startsWith('//')) return { kind: 'message', text: text.slice(1) };
  const [, word, rest] = COMMAND.exec(text) ?? [];
  if (word === undefined) return { kind: 'message', text };
  const known = COMMANDS.find(({ name }) => name === word.toLowerCase());
  if (known) return { kind: 'command', name: known.name, rest: rest!.trim() };
  const meant = mostLike(word.toLowerCase());
  return { kind: 'unknown', word, ...(meant && { meant }) };
}

/** `/enter [pool]` and what it does, of each command that goes on from what is typed. */
export function commandsLike(text: string): readonly string[] {
  const [, word] = /^\/(\w*)/.exec(text) ?? [];
  if (word === undefined || text.startsWith('//')) return [];
  const whole = /^\/\w*\s/.test(text);
  return COMMANDS.filter(({ name }) => (whole ? name === word : name.startsWith(word))).map(
    ({ name, takes, does }) => `${`/${name} ${takes}`.trim()}  ${does}`,
  );
}

/**
 * The text with its last word completed as far as it is certain: a command's name, or what goes behind it.
 *
 * @param choices what may go behind a command
 */
export function complete(text: string, choices: (command: CommandName) => readonly string[]): string {
  const [, word, rest] = /^\/(\w*)(?:\s+(.*))?$/s.exec(text) ?? [];
  if (word === undefined) return text;
  if (rest === undefined) {
    const names = COMMANDS.filter(({ name }) => name.startsWith(word));
    const more = names.length === 1 && names[0]!.takes !== '' ? ' ' : '';
    return names.length === 0 ? text : `/${commonStart(names.map(({ name }) => name))}${more}`;
  }
  const command = COMMANDS.find(({ name }) => name === word);
  const fitting = command ? choices(command.name).filter((choice) => startsLike(choice, rest)) : [];
  return fitting.length === 0 ? text : `/${word} ${commonStart(fitting)}`;
}

const startsLike = (text: string, start: string) => text.toLowerCase().startsWith(start.toLowerCase());

function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  while (!others.every((other) => startsLike(other, first.slice(0, length)))) length--;
  return first.slice(0, length);
}

/** The command that was meant, when it is clear enough. */
function mostLike(word: string): CommandName | undefined {
  const ranked = COMMANDS.map(({ name }) => ({ name, distance: distance(word, name) }));
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  return best!.distance <= Math.max(1, Math.floor(best!.name.length / 3)) ? best!.name : undefined;
}

/** How many letters must be added, dropped, replaced or swapped with their neighbour to make one word the other. */
function distance(a: string, b: string): number {
  if (a.length > 2 * b.length) return a.length;
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
