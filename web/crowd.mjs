/** People who meet and talk at a service, so that there is something to see. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const LINES = [
  'Hello! How did you come to mentoring?',
  'By accident. A colleague asked me to read her code, and it went on from there.',
  'What do you look at first?',
  'The names. If I understand those I rarely need the comments.',
  'That is good to hear, mine are never short.',
  'Short is not the goal. Shall we look at one together?',
];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Somebody with a client of their own. */
export class Somebody {
  static async at(url, name) {
    const client = new Client({ name: 'crowd', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url)));
    return new Somebody(client, name);
  }

  constructor(client, name) {
    this.client = client;
    this.name = name;
  }

  /** Calls a tool as this person; resolves with its facts. */
  async call(tool, args = {}) {
    const token = this.token === undefined ? {} : { participant_token: this.token };
    const { structuredContent, isError, content } = await this.client.callTool({
      name: tool,
      arguments: { ...args, ...token },
    });
    if (isError) throw new Error(content[0].text);
    this.token ??= structuredContent.participant_token;
    this.userId ??= structuredContent.user_id;
    return structuredContent;
  }

  /** Waits in a pool for a partner; resolves with the room. */
  async meet(pool, waitSeconds = 25) {
    const met = await this.call('enter_queue', { display_name: this.name, pool, wait_seconds: waitSeconds });
    this.room = met.room_id;
    return met;
  }

  say(message) {
    return this.call('send_message', { room_id: this.room, message });
  }

  leave() {
    return this.client.close();
  }
}

/** Two who meet in a pool and have said `count` lines to each other. */
export async function pairAt(url, names, pool, count = LINES.length, lines = LINES) {
  const pair = await Promise.all(names.map((name) => Somebody.at(url, name)));
  await Promise.all(pair.map((each) => each.meet(pool)));
  for (let i = 0; i < count; i++) await pair[i % 2].say(lines[i % lines.length]);
  return pair;
}

/** Goes on meeting, talking and leaving until it is stopped. */
export function crowdAt(url, names, pools) {
  let isOver = false;
  const live = async (name, i) => {
    const person = await Somebody.at(url, name);
    while (!isOver) {
      const { status } = await person.meet(pools[i % pools.length], 5);
      if (status !== 'matched') continue;
      for (let n = 0; n < 4 && !isOver; n++) {
        await sleep(500 + Math.random() * 2_000);
        await person.say(LINES[n]).catch(() => undefined);
      }
      await person.call('leave_chat', { room_id: person.room }).catch(() => undefined);
      await sleep(Math.random() * 4_000);
    }
    await person.leave();
  };
  const lives = names.map((name, i) =>
    live(name, i).catch((error) => (isOver ? undefined : console.error(String(error)))),
  );
  return async () => {
    isOver = true;
    await Promise.all(lives);
  };
}
