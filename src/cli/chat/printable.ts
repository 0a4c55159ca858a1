import { visible } from '../../domain/text.js';

/** What may reach a terminal: nothing in it moves the cursor, colours or hides anything. Newlines stay. */
export const printable = (text: string) => visible(text).replaceAll('\t', '    ');

/** The same on one line, for names and status lines. */
export const oneLine = (text: string) => printable(text).replaceAll('\n', ' ');

/** Writes times of day; `zone` is the machine's by default. */
export class ClockFace {
  readonly #minutes: Intl.DateTimeFormat;
  readonly #seconds: Intl.DateTimeFormat;

  constructor(zone?: string) {
    const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(zone && { timeZone: zone }) } as const;
    this.#minutes = new Intl.DateTimeFormat('en-GB', options);
    this.#seconds = new Intl.DateTimeFormat('en-GB', { ...options, second: '2-digit' });
  }

  /** `HH:MM` @param at milliseconds since the epoch */
  short = (at: number) => this.#minutes.format(at);

  /** `HH:MM:SS` @param at milliseconds since the epoch */
  long = (at: number) => this.#seconds.format(at);
}
