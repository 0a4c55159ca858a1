import { describe, expect, it } from '@jest/globals';
import { columnsOf, layOut, truncate, wrapWords } from '../../../src/cli/chat/terminal/columns.js';
import { LineEditor } from '../../../src/cli/chat/terminal/line-editor.js';

const FAMILY = '👨‍👩‍👧‍👦';

/** An editor after these keys; what is no name of a key is typed. `|` marks the cursor in what it shows. */
function after(...keys: string[]): string {
  const editor = new LineEditor();
  for (const key of keys) press(editor, key);
  return shown(editor);
}

function press(editor: LineEditor, key: string): void {
  const [, ctrl, meta, name] = /^<(C-)?(M-)?(.+)>$/.exec(key) ?? [];
  if (name === undefined) editor.insert(key);
  else editor.press({ name, ctrl: ctrl !== undefined, meta: meta !== undefined });
}

const shown = ({ text, cursor }: LineEditor) => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

describe('the line that is written', () => {
  it.each([
    [['abc', '<left>', 'x'], 'abx|c'],
    [['abc', '<home>', '<right>', '<delete>'], 'a|c'],
    [['abc', '<C-a>', '<backspace>'], '|abc'],
    [[`a${FAMILY}b`, '<left>', '<left>'], `a|${FAMILY}b`],
    [[`a${FAMILY}`, '<backspace>'], 'a|'],
    [['e\u0301', '<backspace>'], '|'],
    [['one two  ', '<C-w>'], 'one |'],
    [['one two', '<M-b>', '<M-b>', '<M-f>'], 'one| two'],
    [['one two', '<home>', '<M-d>'], '| two'],
    [['one two', '<M-b>', '<C-k>'], 'one |'],
    [['one two', '<M-b>', '<C-u>'], '|two'],
    [['one', '<M-return>', 'two', '<home>', '<left>'], 'one|\ntwo'],
    [['one\ntwo', '<C-u>'], 'one\n|'],
    [['a\r\nb\rc'], 'a\nb\nc|'],
    [['a\u001b[2J\u0000\u009bb\tc'], 'a[2Jb\tc|'],
    [['x', '<f5>'], 'x|'],
  ])('takes the keys %j', (keys, line) => expect(after(...keys)).toBe(line));

  it('remembers what was sent off, and the draft', () => {
    const editor = new LineEditor();
    for (const line of ['one', 'two', 'two', '  ']) {
      editor.insert(line);
      expect(editor.take()).toBe(line);
    }
    editor.insert('draft');
    const walk = ['<up>', '<up>', '<up>', '<down>', '<down>', '<down>'].map((key) => {
      press(editor, key);
      return editor.text;
    });
    expect(walk).toEqual(['two', 'one', 'one', 'two', 'draft', 'draft']);
  });
});

describe('the columns of a terminal', () => {
  it.each([
    ['abc', 3],
    ['漢字', 4],
    ['한국', 4],
    [FAMILY, 2],
    ['❤️', 2],
    ['🇩🇪', 2],
    ['e\u0301\u200d', 1],
    ['שלום', 4],
    ['（）', 4],
  ])('are counted: %j', (text, columns) => expect(columnsOf(text)).toBe(columns));

  it.each([
    ['Benjamin', 8, 'Benjamin'],
    ['Benjamin', 7, 'Benjam…'],
    ['漢字漢字', 5, '漢字…'],
    ['漢字漢字', 6, '漢字…'],
    [`a${FAMILY}bc`, 3, 'a…'],
  ])('are kept to: %j in %i', (text, columns, kept) => {
    expect(truncate(text, columns)).toBe(kept);
    expect(columnsOf(kept)).toBeLessThanOrEqual(columns);
  });

  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two  three', 7, ['one two', 'three']],
    ['  indented stays', 10, ['  indented', 'stays']],
    ['WWWWWWWWWW', 4, ['WWWW', 'WWWW', 'WW']],
    ['a WWWWWW', 4, ['a ', 'WWWW', 'WW']],
    ['漢字漢字', 5, ['漢字', '漢字']],
    ['a\n\nb', 5, ['a', '', 'b']],
  ])('are filled word by word: %j in %i', (text, columns, rows) => expect(wrapWords(text, columns)).toEqual(rows));

  it.each([
    ['abc', 3, 5, { rows: ['abc'], x: 3, y: 0 }],
    ['abcde', 5, 5, { rows: ['abcde', ''], x: 0, y: 1 }],
    ['abcdefg', 5, 5, { rows: ['abcde', 'fg'], x: 0, y: 1 }],
    ['abcdefg', 2, 5, { rows: ['abcde', 'fg'], x: 2, y: 0 }],
    ['ab\ncd', 2, 5, { rows: ['ab', 'cd'], x: 2, y: 0 }],
    ['ab\ncd', 3, 5, { rows: ['ab', 'cd'], x: 0, y: 1 }],
    ['漢字漢', 2, 5, { rows: ['漢字', '漢'], x: 0, y: 1 }],
    ['', 0, 5, { rows: [''], x: 0, y: 0 }],
  ])('say where the cursor is: %j at %i in %i', (text, cursor, columns, laid) =>
    expect(layOut(text, cursor, columns)).toEqual(laid),
  );
});
