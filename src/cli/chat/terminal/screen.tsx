import { Box, Static, Text, useCursor } from 'ink';
import { useState, useSyncExternalStore } from 'react';
import { commandsLike } from '../commands.js';
import type { ClockFace } from '../printable.js';
import { oneLine } from '../printable.js';
import { columnsOf, layOut, truncate, wrapWords } from './columns.js';
import type { Desk, DeskView } from './desk.js';
import type { Line } from './session.js';
import { type Piece, statusOf } from './status.js';

const NAME_COLUMNS = 16;
/** However narrow the window is. */
const MIN_TEXT_COLUMNS = 12;
const INPUT_ROWS = 6;
const PENDING_ROWS = 3;
const PARTNER_COLOURS = ['cyan', 'magenta', 'green', 'yellow', 'blue'] as const;

const MARKS: Readonly<Record<Line['tone'], string>> = {
  message: ' ',
  sent: '✓',
  failed: '✗',
  info: '·',
  warning: '!',
  error: '!',
};

/** How things look; without colours, nothing is styled at all. */
class Paint {
  readonly #partners = new Map<string, (typeof PARTNER_COLOURS)[number]>();

  constructor(private readonly on: boolean) {}

  /** The same colour for the same person, another for each as long as there are some. */
  partner(userId: string) {
    const colour = this.#partners.get(userId) ?? PARTNER_COLOURS[this.#partners.size % PARTNER_COLOURS.length]!;
    this.#partners.set(userId, colour);
    return this.on ? { color: colour, bold: true } : {};
  }

  get dim() {
    return this.on ? { dimColor: true } : {};
  }

  tone(tone: Line['tone'] | Piece['tone']) {
    if (!this.on) return {};
    switch (tone) {
      case 'sent':
      case 'good':
        return { color: 'green' };
      case 'failed':
      case 'error':
      case 'bad':
        return { color: 'red' };
      case 'warning':
        return { color: 'yellow' };
      case 'lively':
        return { bold: true };
      default:
        return { dimColor: true };
    }
  }
}

interface ScreenProps {
  readonly desk: Desk;
  readonly clock: ClockFace;
  readonly colour: boolean;
  readonly columns: number;
}

/** The conversation in the scrollback; below it what is on its way, the status bar and the line that is written. */
export function Screen({ desk, clock, colour, columns }: ScreenProps) {
  const view = useSyncExternalStore(desk.subscribe, desk.view);
  const [paint] = useState(() => new Paint(colour));
  const { session } = desk;
  const pending = session.pending.slice(-PENDING_ROWS);
  const shown = view.ended ? [] : pending;
  return (
    <Box flexDirection="column" width={columns}>
      <Static items={[...session.lines]}>
        {(line) => <Printed key={line.key} line={line} {...{ clock, paint, columns }} />}
      </Static>
      {shown.map(({ key, text }) => (
        <Text key={key} wrap="truncate-end" {...paint.dim}>
          {`      … you  ${oneLine(text)}`}
        </Text>
      ))}
      {!view.ended && (
        <>
          <StatusBar pieces={statusOf(session.state, session.current)} paint={paint} />
          <Input view={view} above={shown.length + 2} {...{ columns, paint }} />
        </>
      )}
    </Box>
  );
}

interface PrintedProps {
  readonly line: Line;
  readonly clock: ClockFace;
  readonly paint: Paint;
  readonly columns: number;
}

/** One line of the conversation: the time, a mark, who, and the text in a column of its own. */
function Printed({ line: { at, tone, who, text }, clock, paint, columns }: PrintedProps) {
  const mine = tone === 'sent' || tone === 'failed';
  const name = who ? `${truncate(who.name, NAME_COLUMNS)}  ` : mine ? 'you  ' : '';
  const start = clock.short(at).length + 3 + columnsOf(name);
  const rows = wrapWords(text, Math.max(MIN_TEXT_COLUMNS, columns - start - 1));
  return (
    <Box width={columns}>
      <Box flexShrink={0}>
        <Text {...paint.dim}>{clock.short(at)} </Text>
        <Text {...paint.tone(tone)}>{MARKS[tone]} </Text>
        <Text {...(who ? paint.partner(who.userId) : paint.dim)}>{name}</Text>
      </Box>
      <Text {...(name === '' ? paint.tone(tone) : {})}>{rows.join('\n')}</Text>
    </Box>
  );
}

function StatusBar({ pieces, paint }: { readonly pieces: readonly Piece[]; readonly paint: Paint }) {
  return (
    <Box marginTop={1}>
      <Text wrap="truncate-end">
        {pieces.map(({ tone, text }, index) => (
          <Text key={index} {...paint.tone(tone)}>{`${index > 0 ? '   ' : ''}${text}`}</Text>
        ))}
      </Text>
    </Box>
  );
}

interface InputProps {
  readonly view: DeskView;
  readonly above: number;
  readonly columns: number;
  readonly paint: Paint;
}

/** The line that is written, on as many rows as it needs, and what its command would do. */
function Input({ view: { text, cursor, asksName }, above, columns, paint }: InputProps) {
  const { setCursorPosition } = useCursor();
  const prompt = asksName ? 'Your name: ' : '› ';
  const { rows, x, y } = layOut(text, cursor, Math.max(8, columns - prompt.length - 1));
  const first = Math.max(0, Math.min(y - INPUT_ROWS + 1, rows.length - INPUT_ROWS));
  setCursorPosition({ x: prompt.length + x, y: above + y - first });
  return (
    <>
      {rows.slice(first, first + INPUT_ROWS).map((row, index) => (
        <Text key={index} wrap="truncate-end">
          <Text {...paint.dim}>{index === 0 ? prompt : ' '.repeat(prompt.length)}</Text>
          {row}
        </Text>
      ))}
      {commandsLike(text).map((command) => (
        <Text key={command} wrap="truncate-end" {...paint.dim}>
          {`  ${command}`}
        </Text>
      ))}
    </>
  );
}
