import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  ConnectionLost,
  type Facts,
  HostConnection,
  type HeardEvent,
  Refusal,
  type ServerSettings,
  ToolFailure,
  type Visibility,
} from '../../../src/client/index.js';

type Answer = { structuredContent?: unknown; content?: object[]; isError?: boolean };

/** A host whose server answers what the test says. */
class FakeHost {
  readonly calls: { name: string; arguments: Record<string, unknown> }[] = [];
  answer: (name: string, args: Record<string, unknown>) => Answer | Promise<Answer> = () => poll([]);

  async callServerTool(params: { name: string; arguments: Record<string, unknown> }): Promise<Answer> {
    this.calls.push(params);
    return this.answer(params.name, params.arguments);
  }

  get polls(): number {
    return this.calls.filter(({ name }) => name === 'poll_chat').length;
  }
}

class FakeWindow implements Visibility {
  hidden = false;
  readonly listeners = new Set<() => void>();
  addEventListener(_type: string, listener: () => void): void {
    this.listeners.add(listener);
  }
  removeEventListener(_type: string, listener: () => void): void {
    this.listeners.delete(listener);
  }
  show(shown: boolean): void {
    this.hidden = !shown;
    for (const listener of this.listeners) listener();
  }
}

const event = (seq: number) => ({
  event_id: `e${seq}`,
  name: 'message.received',
  timestamp: '2026-01-01T00:00:00.000Z',
  cursor: `c${seq}`,
  data: { seq },
});

/** What `poll_chat` answers, with events of these numbers. */
const poll = (seqs: readonly number[], more: object = {}): Answer => ({
  structuredContent: {
    user_id: 'u',
    display_name: 'Ann',
    tickets: [],
    rooms: [],
    events: seqs.map(event),
    cursor: `c${seqs.at(-1) ?? 0}`,
    has_more: false,
    ...more,
  },
});

describe('a connection through the host of an app', () => {
  let host: FakeHost;
  let page: FakeWindow;
  let heard: HeardEvent[];
  let statuses: Facts[];
  const connect = (settings?: ServerSettings) => new HostConnection({ app: host, settings, visibility: page });
  const follow = (connection: HostConnection, cursor = 'c0') =>
    connection.follow(
      { participantToken: 'pt_ann', cursor },
      { event: (event) => heard.push(event), status: (facts) => statuses.push(facts) },
    );
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    jest.useFakeTimers();
    host = new FakeHost();
    page = new FakeWindow();
    heard = [];
    statuses = [];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  describe('calls', () => {
    it('tools by the names they have on this server, and returns their facts', async () => {
      host.answer = () => ({ structuredContent: { success: true } });
      const connection = connect({ tool_prefix: 'chat_' });
      expect(await connection.call('send_message', { room_id: 'r', message: 'hi' })).toEqual({ success: true });
      expect(host.calls).toEqual([{ name: 'chat_send_message', arguments: { room_id: 'r', message: 'hi' } }]);
    });

    it('tells what the server has written of itself', async () => {
      const pools = [{ name: 'default', min_group_size: 2, max_group_size: 16 }];
      expect(await connect({ pools, message_max_characters: 280 }).open()).toEqual({
        pools,
        messageMaxCharacters: 280,
      });
      expect(await connect().open()).toEqual({ pools: [] });
    });

    it('fails as the tool does', async () => {
      const failure = {
        error: 'Slow down',
        code: 'rate_limited',
        hint: 'Wait.',
        retryable: true,
        retry_after_seconds: 3,
      };
      host.answer = () => ({
        isError: true,
        structuredContent: failure,
        content: [{ type: 'text', text: 'Slow down. Wait.' }],
      });
      const error = await connect()
        .call('send_message', {})
        .catch((error: unknown) => error);
      expect(error).toBeInstanceOf(ToolFailure);
      expect(error).toMatchObject({
        message: 'Slow down',
        code: 'rate_limited',
        retryable: true,
        retryAfterSeconds: 3,
      });
    });

    it('fails with the text of a failure when the host passes nothing else on', async () => {
      host.answer = () => ({ isError: true, content: [{ type: 'text', text: 'Room not found' }] });
      await expect(connect().call('send_message', {})).rejects.toThrow('Room not found');
    });

    it.each([
      ['a host that cannot reach the server', { code: -32603, message: 'fetch failed' }, ConnectionLost],
      ['a host that answers too late', { code: 'REQUEST_TIMEOUT', message: 'timed out' }, ConnectionLost],
      ['a server that goes down', { code: 5030, message: 'Draining' }, ConnectionLost],
      ['a host that lets no window call tools', { code: -32601, message: 'Method not found' }, Refusal],
      ['a server without the tool', { code: -32602, message: 'Unknown tool "poll_chat"' }, Refusal],
    ])('tells apart %s', async (_what, { code, message }, kind) => {
      host.answer = () => Promise.reject(Object.assign(new Error(message), { code }));
      const error = await connect()
        .call('get_status', {})
        .catch((error: unknown) => error);
      expect(error).toBeInstanceOf(kind);
      expect((error as Error).message).toContain(message);
    });
  });

  describe('follows', () => {
    it('events from the cursor on, once and in order, and where one stands', async () => {
      const pages = new Map([
        ['c0', poll([1, 2])],
        ['c2', poll([3])],
      ]);
      host.answer = (_, { cursor }) => pages.get(cursor as string) ?? poll([], { cursor });
      await follow(connect());
      await pass(5_000);
      expect(heard.map(({ data }) => data['seq'])).toEqual([1, 2, 3]);
      expect(heard[0]).toEqual({
        eventId: 'e1',
        name: 'message.received',
        timestamp: '2026-01-01T00:00:00.000Z',
        cursor: 'c1',
        data: { seq: 1 },
      });
      expect(host.calls[0]).toEqual({ name: 'poll_chat', arguments: { participant_token: 'pt_ann', cursor: 'c0' } });
      expect(statuses.length).toBe(host.polls);
      expect(statuses[0]).toMatchObject({ display_name: 'Ann', tickets: [], rooms: [] });
    });

    it('a long history without a pause', async () => {
      host.answer = (_, { cursor }) => {
        const seq = Number((cursor as string).slice(1)) + 1;
        return poll([seq], { has_more: seq < 40 });
      };
      await follow(connect());
      await pass(0);
      expect(heard).toHaveLength(40);
    });

    it('with a word about what is no longer kept', async () => {
      host.answer = () => poll([7, 8], { truncated: true });
      await follow(connect());
      await pass(0);
      expect(heard.map(({ truncated }) => truncated)).toEqual([true, undefined]);
    });

    it('every second while something happens, and up to every five when nothing does', async () => {
      let seq = 0;
      host.answer = () => poll([++seq]);
      await follow(connect());
      await pass(0);
      let before = host.polls;
      await pass(10_000);
      expect(host.polls - before).toBe(10);

      host.answer = () => poll([], { cursor: `c${seq}` });
      await pass(120_000);
      before = host.polls;
      await pass(50_000);
      expect(host.polls - before).toBe(10);
    });

    it('at once after a call of one’s own, and often from then on', async () => {
      const connection = connect();
      await follow(connection);
      await pass(120_000);
      let before = host.polls;
      await connection.call('send_message', { room_id: 'r', message: 'hi' });
      await pass(0);
      expect(host.polls - before).toBe(1);
      before = host.polls;
      await pass(5_000);
      expect(host.polls - before).toBe(5);
    });

    it('not sooner for reading or typing', async () => {
      const connection = connect();
      await follow(connection);
      await pass(0);
      const before = host.polls;
      for (const tool of ['get_status', 'get_messages', 'set_typing']) await connection.call(tool, {});
      await pass(0);
      expect(host.polls).toBe(before);
    });

    it('never two polls at a time', async () => {
      let open = 0;
      let most = 0;
      host.answer = async (name) => {
        if (name !== 'poll_chat') return {};
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        open--;
        return poll([]);
      };
      const connection = connect();
      await follow(connection);
      for (let round = 0; round < 5; round++) {
        await connection.call('send_message', {});
        await pass(1_000);
      }
      await pass(10_000);
      expect(most).toBe(1);
    });

    it('seldom while the window is hidden, so that its person stays present, and at once when it is shown again', async () => {
      const following = await follow(connect());
      await pass(2_000);
      page.show(false);
      await pass(5_000);
      const before = host.polls;
      await pass(600_000);
      expect(host.polls).toBe(before + 20);
      host.answer = () => poll([1]);
      page.show(true);
      await pass(0);
      expect(heard).toHaveLength(1);
      following.stop();
      expect(page.listeners.size).toBe(0);
    });

    it('until a poll fails', async () => {
      host.answer = () => Promise.reject(new Error('gone'));
      const following = await follow(connect());
      await following.ended;
      await pass(60_000);
      expect(host.polls).toBe(1);
    });

    it('until it is stopped, by itself or with the connection', async () => {
      const connection = connect();
      const first = await follow(connection);
      await pass(2_500);
      const second = await follow(connection);
      await first.ended;
      const before = host.polls;
      await connection.close();
      await second.ended;
      await pass(60_000);
      expect(host.polls).toBe(before);
    });

    it('and hears nothing of a poll that was under way when it was stopped', async () => {
      let answer: (polled: Answer) => void = () => undefined;
      host.answer = () => new Promise((resolve) => (answer = resolve));
      const following = await follow(connect());
      following.stop();
      answer(poll([1]));
      await pass(10_000);
      expect([heard, statuses, host.polls]).toEqual([[], [], 1]);
    });
  });
});
