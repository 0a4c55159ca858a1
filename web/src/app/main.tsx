import '../without-eval.js';
import { render } from 'preact';
import type { ServerSettings } from '../../../src/client/index.js';
import { AppWindow } from './app-window.js';
import './app.css';
import { letFormsSubmit } from './forms-in-a-sandbox.js';
import { HostSession } from './host-session.js';

/** What the server has written into the page; nothing when it is looked at without one. */
function settings(): ServerSettings {
  const json = document.getElementById('parley-settings')?.textContent;
  return json ? (JSON.parse(json) as ServerSettings) : {};
}

// The way to the host writes every message it passes there, tokens and all.
console.debug = () => undefined;
letFormsSubmit();
const session = new HostSession(settings());
render(<AppWindow session={session} />, document.getElementById('parley')!);
void session.start();
