import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  enter,
  errorOf,
  type EventStream,
  initialize,
  openStream,
  pairUp,
  POST_HEADERS,
  rpcOf,
  say,
  send,
  SessionPeer,
  StatelessPeer,
  structured,
} from '../e2e/http/wire.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

const STREAMS = 1_000;

describe('a signal to stop', () => {
  let service: ServiceProcess;
  beforeEach(async () => {
    service = await ServiceProcess.start({ SESSION_IDLE_SECONDS: '600', SHUTDOWN_SECONDS: '60' });
  });
  afterEach(() => service.end());

  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends an idle service with exit code 0', async (signal) => {
    service.kill(signal);
    expect(await service.exited).toBe(0);
    expect(service.complaints).toEqual([]);
  });

  it(`finishes ${STREAMS} open streams and answers every wait, and exits with 0 in time`, async () => {
    const sessions: EventStream[] = [];
    const listeners: { id: string; stream: EventStream }[] = [];
    const peer = new StatelessPeer(service.url);
    const open = async (i: number) => {
      if (i % 2 === 0) {
        const session = await SessionPeer.open(service.url);
        if (i % 20 === 0) await enter(session, { group_size: 16 });
        sessions.push(await session.stream());
      } else {
        const { token } = await enter(peer, { group_size: 15 });
        const id = `listen-${i}`;
        const filter = { 'io.github.mcp-parley/chat': { participant_token: token } };
        listeners.push({ id, stream: await peer.subscribe(filter, id) });
      }
    };
    for (let i = 0; i < STREAMS; i += 50) await Promise.all(Array.from({ length: 50 }, (_, n) => open(i + n)));

    const waiting: Promise<Answer>[] = [];
    for (let i = 0; i < 20; i++) {
      const { token } = await enter(peer, { group_size: 14 });
      waiting.push(peer.call('wait_for_message', { participant_token: token, timeout_seconds: 40 }));
    }
    const progress = await waitWithProgress(peer);
    await Promise.all(listeners.map(({ stream }) => stream.message(() => true)));

    service.kill('SIGTERM');
    const late = whileItLasts(peer);
    expect(await service.exited).toBe(0);

    for (const answer of await Promise.all(waiting)) expect(structured(answer)['timeout']).toBeDefined();
    expect(await progress.ended).toBe(true);
    expect(progress.messages.at(-1)).toMatchObject({ id: 'progress', result: { structuredContent: {} } });
    for (const { id, stream } of listeners) {
      expect(await stream.ended).toBe(true);
      expect(stream.messages.at(-1)).toMatchObject({ id, result: { resultType: 'complete' } });
    }
    for (const stream of sessions) expect(await stream.ended).toBe(true);
    expect(sessions.length + listeners.length).toBe(STREAMS);
    for (const answer of await late) {
      if (answer.status === 200) expect(rpcOf(answer).result).toBeDefined();
      else expect([answer.status, errorOf(answer).data]).toEqual([503, { retryable: true }]);
    }
    expect(service.complaints).toEqual([]);
  });

  it('is not held up by clients that have stopped reading or writing', async () => {
    const own = await ServiceProcess.start({
      SHUTDOWN_SECONDS: '10',
      MESSAGE_RATE_COUNT: '0',
      MESSAGE_MAX_CHARACTERS: '100000',
    });
    try {
      const [talker, stalled] = [new StatelessPeer(own.url), new StatelessPeer(own.url)];
      const { first, second, roomId } = await pairUp(talker, stalled);
      const stream = await stalled.listen(second.token, second.cursor);
      stream.incoming.pause();
      for (let i = 0; i < 150; i++) await say(talker, first, roomId, 'x'.repeat(100_000));
      const socket = connect(Number(own.url.port), own.url.hostname);
      socket.on('error', () => undefined);
      const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\n';
      await new Promise<void>((resolve) => socket.write(`${head}Content-Length: 100\r\n\r\n{`, () => resolve()));
      own.kill('SIGTERM');
      expect(await own.exited).toBe(0);
      stream.cut();
      socket.destroy();
    } finally {
      await own.end();
    }
  });
});

describe('a service that cannot finish closing', () => {
  let service: ServiceProcess;
  afterEach(() => service.end());
  const health = (name: string) => send(new URL(`/health/${name}`, service.url), 'GET');
  /** Sends the first signal and waits until the service is going down. */
  const stopping = async (environment: Readonly<Record<string, string>>, signal: NodeJS.Signals) => {
    service = await ServiceProcess.stuck(environment);
    service.kill(signal);
    const drains = () =>
      health('ready').then(
        ({ status }) => status === 503,
        // Closing cuts the connections there are.
        () => false,
      );
    await until('the service to be no longer ready', drains);
  };

  it('refuses new work with 503, to be tried again', async () => {
    await stopping({ SHUTDOWN_SECONDS: '60' }, 'SIGTERM');
    const peer = new StatelessPeer(service.url);
    const asked = [
      () => peer.rpc('tools/list'),
      () => peer.call('enter_queue'),
      () => peer.rpc('subscriptions/listen', { notifications: {} }),
      () => initialize(service.url, '2025-11-25'),
    ];
    for (const ask of asked) {
      // Closing cuts the connections there are, once.
      const answer = await ask().catch(ask);
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toMatch(/^\d+$/);
      expect(errorOf(answer).data).toEqual({ retryable: true });
    }
    expect((await health('live')).status).toBe(200);
  });

  it('gives up in time', async () => {
    service = await ServiceProcess.stuck({ SHUTDOWN_SECONDS: '1' });
    service.kill('SIGTERM');
    expect(await service.exited).toBe(1);
  });

  it.each([
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
    ['SIGINT', 'SIGINT', 130],
  ] as const)('ends at once when %s is followed by %s', async (first, second, code) => {
    await stopping({ SHUTDOWN_SECONDS: '60' }, first);
    service.kill(second);
    expect(await service.exited).toBe(code);
  });
});

/** A wait that has begun to send progress. */
async function waitWithProgress(peer: StatelessPeer): Promise<EventStream> {
  const { token } = await enter(peer, { group_size: 13 });
  const params = {
    name: 'wait_for_message',
    arguments: { participant_token: token, timeout_seconds: 40 },
    _meta: { progressToken: 'p' },
  };
  const headers = { ...POST_HEADERS, ...peer.headers('tools/call', params) };
  const stream = await openStream(
    peer.url,
    'POST',
    headers,
    JSON.stringify(peer.message('tools/call', params, 'progress')),
  );
  await stream.message(({ method }) => method === 'notifications/progress');
  return stream;
}

/** Asks again and again until nobody is there any more; every answer it got. */
async function whileItLasts(peer: StatelessPeer): Promise<Answer[]> {
  const answers: Answer[] = [];
  try {
    for (let i = 0; i < 100_000; i++) answers.push(await peer.rpc('tools/list'));
  } catch {
    return answers;
  }
  throw new Error('the service never went away');
}
