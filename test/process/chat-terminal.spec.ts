import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { HttpConnection } from '../../src/client/index.js';
import { INJECTIONS } from '../support/injection-corpus.js';
import { describeWith } from '../support/programs.js';
import { type TerminalWindow, Tmux, type WindowOptions } from '../support/tmux.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(300_000);

const PROGRAM = fileURLToPath(new URL('../../dist/cli/parley.js', import.meta.url));

describeWith(['tmux'], 'parley chat at a terminal', (path) => {
  let tmux: Tmux;
  let service: ServiceProcess;
  beforeEach(async () => {
    tmux = new Tmux(path);
    service = await ServiceProcess.start();
  });
  afterEach(async () => {
    await tmux.close();
    await service.end();
  });

  async function sitDown(flags: readonly string[] = [], options: WindowOptions = {}): Promise<TerminalWindow> {
    const window = await tmux.open([process.execPath, PROGRAM, 'chat', service.url.href, ...flags], options);
    await window.shows('● online');
    return window;
  }

  async function meet(options: WindowOptions = {}): Promise<readonly [TerminalWindow, TerminalWindow]> {
    const ann = await sitDown(['--name', 'Ann'], options);
    await ann.type('/enter', 'Enter');
    await ann.shows('in default: 1st of 1');
    const ben = await sitDown(['--name', 'Ben', '--pool', 'default'], options);
    await ben.shows('You are talking to Ann.');
    await ann.shows('You are talking to Ben.');
    return [ann, ben];
  }

  /** A partner that sends whatever it likes. */
  async function stranger(name: string): Promise<{ send(text: string): Promise<void>; close(): Promise<void> }> {
    const connection = new HttpConnection({ url: service.url });
    await connection.open();
    const { room_id, participant_token } = await connection.call('enter_queue', { display_name: name });
    return {
      send: async (message) => void (await connection.call('send_message', { room_id, message, participant_token })),
      close: () => connection.close(),
    };
  }

  it('lets two people find each other, talk, lose the service and find each other again', async () => {
    const ann = await sitDown();
    await ann.shows('What should others call you?');
    await ann.type('Ann', 'Enter');
    await ann.type('/en', 'Tab', 'Enter');
    await ann.shows('in default: 1st of 1');
    const ben = await sitDown(['--name', 'Ben', '--pool', 'default']);
    await ann.shows('You are talking to Ben.');

    await ann.type('Hello Ben', 'Enter');
    await ben.shows(/ {3}Ann {2}Hello Ben/);
    await ann.shows('✓ you  Hello Ben');
    await ben.type('I am');
    await ann.shows('Ben is typing…');
    await ben.type(' here', 'Enter');
    await ann.shows(/ {3}Ben {2}I am here/);
    await ann.type('/status', 'Enter');
    await ann.shows(`You are Ann; online: ${service.url.href}`);

    const { port } = service.url;
    await service.end();
    await ann.shows('● offline, trying again');
    await ann.type('still there?', 'Enter');
    await ann.shows('… you  still there?');
    service = await ServiceProcess.start({ PORT: port });
    const screen = await ann.shows('● online');
    expect(screen).toContain('The server was restarted');
    expect(screen).toContain('✗ you  still there?');
    expect(screen.match(/Hello Ben/g)).toHaveLength(1);
    await ben.shows('● online');

    await ann.type('/enter', 'Enter');
    await ann.shows('in default: 1st of 1');
    await ben.type('/next', 'Enter');
    await ann.shows(/restarted[^]*You are talking to Ben\./);
    await ann.type('here again', 'Enter');
    await ben.shows(/ {3}Ann {2}here again/);

    await ben.type('/next', 'Enter');
    await ann.shows('Ben left. /next finds somebody else.');
    await ben.shows('in default: 1st of 1');
    await ann.type('/next', 'Enter');
    await ann.shows(/left\.[^]*You are talking to Ben\./);
    await ann.type('/leave', 'Enter');
    await ann.shows('You left the conversation.');
    await ben.shows('Ann left.');
    await ben.type('/quit', 'Enter');
    expect(await ben.ended()).toBe(0);
    expect(await ben.screen()).toContain('Bye.');
    await ann.type('', 'C-d');
    expect(await ann.ended()).toBe(0);
  });

  it('leaves politely when it is interrupted', async () => {
    const [ann, ben] = await meet();
    await ann.type('half a mess', 'C-c');
    expect(await ann.ended()).toBe(0);
    expect(await ann.screen()).toContain('You left the conversation with Ben. Bye.');
    await ben.shows('Ann left.');
  });

  it('keeps its form in a narrow window, with wide characters and long lines', async () => {
    const [ann, ben] = await meet({ columns: 40, rows: 20 });
    await ben.paste(`漢字かな한국어 🎉 ${'word '.repeat(30)}\nשלום`);
    await ben.shows('שלום');
    await ben.type('', 'Enter');
    const screen = await ann.shows('שלום');
    const rows = screen.trimEnd().split('\n');
    const first = rows.findIndex((row) => row.includes('漢字'));
    expect(rows[first]).toMatch(/^\d\d:\d\d {3}Ben {2}漢字かな한국어 🎉/);
    for (const row of rows.slice(first + 1, -3)) expect(row).toMatch(/^ {13}\S/);
    expect(rows.at(-2)).toBe('● online   Ben');

    await ann.type(`${'long '.repeat(20)}end`);
    await ann.shows(/end\s*$/);
    await ann.resize(80, 20);
    await ann.shows(/^› (long ){15}/m);
    await ann.resize(40, 12);
    await ann.type('!', 'Enter');
    await ann.shows(/✓ you {2}long/);
    expect((await ann.screen()).match(/● online/g)).toHaveLength(1);
  });

  it('shows no colours when they are not wanted, and keeps its cursor where one writes', async () => {
    const ann = await sitDown(['--name', 'Ann', '--no-color']);
    await ann.type('漢字ab');
    await ann.shows('› 漢字ab');
    expect([await ann.fact('cursor_x'), await ann.fact('cursor_flag')]).toEqual(['8', '1']);
    await ann.type('', 'Left', 'Left', 'Left');
    await until('the cursor to move', async () => (await ann.fact('cursor_x')) === '4', 60_000);
    await ann.type('', 'C-e', 'C-u');
    await ann.type('/nonsense', 'Enter');
    await ann.shows('There is no /nonsense.');
    expect(await ann.everything({ escapes: true })).not.toContain('\u001b');
    const plain = await sitDown(['--name', 'Ann'], { env: { NO_COLOR: '1', CI: 'true' } });
    expect(await plain.everything({ escapes: true })).not.toContain('\u001b');
  });

  it('lets nothing that a partner writes act on the terminal', async () => {
    await service.end();
    service = await ServiceProcess.start({ MESSAGE_RATE_COUNT: '0' });
    const ann = await sitDown(['--name', 'Ann', '--pool', 'default'], { columns: 160, rows: 50 });
    await ann.shows('in default: 1st of 1');
    const mallory = await stranger('Mallory');
    try {
      await ann.shows('You are talking to Mallory.');
      for (const { text } of INJECTIONS) await mallory.send(text);
      await mallory.send('the last one');
      await ann.shows('Mallory  the last one');
    } finally {
      await mallory.close();
    }
    const coloured = await ann.everything({ escapes: true });
    // eslint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[[\d;:]*m/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const shown = squeezed(await ann.everything());
    for (const { name, shown: expected } of INJECTIONS.filter(({ text, shown }) => text !== shown)) {
      expect([name, shown.includes(squeezed(expected))]).toEqual([name, true]);
    }
    expect(await ann.fact('pane_title')).not.toContain('owned');
    expect((await ann.screen()).trimEnd()).toMatch(/● online {3}Mallory\n›$/);
    await ann.type('/status', 'Enter');
    await ann.shows('You are Ann; online');
  });
});

/** Without spaces, because lines are wrapped where they must be, and without the tags of flags, which tmux drops. */
const squeezed = (text: string) => text.replace(/[\s\u{e0000}-\u{e007f}]+/gu, '');
