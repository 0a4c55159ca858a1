const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What a person takes for one character, such as an emoji of several code points. */
export const graphemes = (text: string) => Array.from(SEGMENTER.segment(text), ({ segment }) => segment);

const NOTHING = /^[\p{M}\p{Cf}]*$/u;
const WIDE =
  /^(\p{Emoji_Presentation}|\p{RI}{2}|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])|\ufe0f/u;

/** How many columns of a terminal a grapheme takes. */
export const widthOf = (grapheme: string) => (NOTHING.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1);

/** How many columns a text takes. */
export const columnsOf = (text: string) => graphemes(text).reduce((sum, grapheme) => sum + widthOf(grapheme), 0);

/** The text cut to so many columns, with … at its end when something is missing. */
export function truncate(text: string, columns: number): string {
  const parts = graphemes(text);
  let [width, kept] = [0, 0];
  while (kept < parts.length && width + widthOf(parts[kept]!) <= columns) width += widthOf(parts[kept++]!);
  if (kept === parts.length) return text;
  while (width > columns - 1) width -= widthOf(parts[--kept]!);
  return `${parts.slice(0, kept).join('')}…`;
}

/** Breaks text into rows of so many columns, between words where it can; the spaces at a break go. */
export function wrapWords(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const rows = [''];
    let width = 0;
    for (const [word] of line.matchAll(/\s+|\S+/g)) {
      const parts = graphemes(word);
      const isSpace = word.trim() === '';
      if (width + columnsOf(word) > columns && width > 0) {
        rows.push('');
        width = 0;
        if (isSpace) continue;
      }
      for (const part of parts) {
        if (width + widthOf(part) > columns) {
          rows.push('');
          width = 0;
        }
        rows[rows.length - 1] += part;
        width += widthOf(part);
      }
    }
    return rows;
  });
}

/** Text that is being written, as it stands on rows of a terminal. */
export interface Laid {
  readonly rows: readonly string[];
  /** Where the cursor stands, from 0. */
  readonly x: number;
  readonly y: number;
}

/** Lays text out on rows of so many columns; `cursor` is an index in it. */
export function layOut(text: string, cursor: number, columns: number): Laid {
  const rows = [''];
  let [at, x, y, width] = [0, 0, 0, 0];
  const newRow = () => {
    rows.push('');
    width = 0;
  };
  const here = () => {
    if (at === cursor) [x, y] = [width, rows.length - 1];
  };
  for (const grapheme of graphemes(text)) {
    const next = grapheme === '\n' ? 0 : widthOf(grapheme);
    if (width + next > columns) newRow();
    here();
    if (grapheme === '\n') newRow();
    else {
      rows[rows.length - 1] += grapheme === '\t' ? ' ' : grapheme;
      width += next;
    }
    at += grapheme.length;
  }
  if (width >= columns) newRow();
  here();
  return { rows, x, y };
}
