import '../without-eval.js';
import { render } from 'preact';
import { createChatClient, HttpConnection, SessionStorage } from '../../../src/client/index.js';
import { Chat } from '../ui/index.js';

// The page may be below a tenant's path: then it speaks to that tenant, and keeps nothing another one's page could read.
const url = new URL('mcp', location.href);
const client = createChatClient({
  connection: new HttpConnection({ url }),
  storage: new SessionStorage(url.pathname === '/mcp' ? undefined : `parley:${url.pathname}`),
});
render(<Chat client={client} face="page" />, document.getElementById('parley')!);
void client.start();

// A tab that was asleep may have missed how its connection ended.
addEventListener('online', () => client.reconnect());
addEventListener('pageshow', ({ persisted }) => persisted && void client.refresh());
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void client.refresh());
