import { emitKeypressEvents } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { render } from 'ink';
import { useSyncExternalStore } from 'react';
import type { ChatClient } from '../../../client/index.js';
import { ClockFace } from '../printable.js';
import type { ChatRequest } from '../arguments.js';
import { Desk } from './desk.js';
import type { Key } from './line-editor.js';
import { Screen } from './screen.js';
import { Session } from './session.js';

const BRACKETED_PASTE = { on: '\u001b[?2004h', off: '\u001b[?2004l' };

/** A conversation at a terminal, until the person ends it. */
export async function terminalChat(client: ChatClient, request: ChatRequest): Promise<void> {
  const session = new Session({ ...request, client });
  const desk = new Desk(session);
  const quit = () => void session.quit();
  const stopListening = listenToKeys(desk);
  process.on('SIGTERM', quit).on('SIGHUP', quit);
  void session.start();
  const clock = new ClockFace();
  const Window = () => <Screen {...{ desk, clock }} colour={request.colour} columns={useColumns()} />;
  const screen = render(<Window />, { exitOnCtrlC: false, patchConsole: false });
  try {
    await session.ended;
    // The last lines are drawn first.
    await setImmediate();
  } finally {
    process.off('SIGTERM', quit).off('SIGHUP', quit);
    screen.unmount();
    stopListening();
  }
}

/** Takes the keyboard; what comes back gives it back. */
function listenToKeys(desk: Desk): () => void {
  const { stdin, stdout } = process;
  const pressed = (typed: string | undefined, key: Key) => desk.press(typed, key);
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', pressed).resume();
  stdout.write(BRACKETED_PASTE.on);
  return () => {
    stdout.write(BRACKETED_PASTE.off);
    stdin.off('keypress', pressed).pause();
    stdin.setRawMode(false);
  };
}

/** The terminal's width, kept up with. */
function useColumns(): number {
  return useSyncExternalStore(onResize, () => process.stdout.columns);
}

function onResize(changed: () => void): () => void {
  process.stdout.on('resize', changed);
  return () => void process.stdout.off('resize', changed);
}
