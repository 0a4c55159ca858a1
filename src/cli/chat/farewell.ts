import type { ChatClient } from '../../client/index.js';

/** For how long the end waits for the service to hear that one leaves. */
const PATIENCE_MS = 3_000;

/** Leaves queues and conversations, and stops the client. Resolves with whether the service heard all of it. */
export async function farewell(client: ChatClient): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, false)));
  const heard = client.state.link.state === 'online' && (await Promise.race([leaveEverything(client), late]));
  await Promise.race([client.stop(), late]);
  clearTimeout(timer);
  return heard;
}

async function leaveEverything(client: ChatClient): Promise<boolean> {
  const { tickets, conversations } = client.state;
  const active = conversations.filter(({ active }) => active);
  try {
    if (tickets.length > 0) await client.leaveQueue();
    await Promise.all(active.map(({ roomId }) => client.leave(roomId)));
    return true;
  } catch {
    return false;
  }
}
