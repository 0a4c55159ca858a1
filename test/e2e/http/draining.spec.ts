import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NotificationsService } from '../../../src/notifications/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import {
  type Answer,
  enter,
  ERAS,
  errorOf,
  initialize,
  type Peer,
  type Seat,
  send,
  SessionPeer,
  structured,
} from './wire.js';

describe.each(ERAS)('a service that is going down, in $era', ({ connect }) => {
  let server: TestServer;
  let peer: Peer;
  let seat: Seat;
  let waits: Promise<Answer>[];
  beforeAll(async () => {
    server = await startTestServer();
    peer = await connect(server.url);
    seat = await enter(peer);
    const { token, cursor } = seat;
    waits = [
      peer.call('wait_for_message', { participant_token: token, cursor, timeout_seconds: 40 }),
      peer.call('enter_queue', { participant_token: token, wait_seconds: 40 }),
      peer.call('join_room', { participant_token: token, room_name: 'alone', wait_seconds: 40 }),
    ];
    await server.waiting(3);
    server.app.get(NotificationsService, { strict: false }).drain();
  });
  afterAll(() => server.close());

  const refused = (answer: Answer) => {
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(errorOf(answer)).toMatchObject({ code: 5030, data: { retryable: true } });
  };

  it('answers every wait as if its time were over', async () => {
    const [waited, entered, joined] = (await Promise.all(waits)).map(structured);
    expect(waited).toMatchObject({ events: [], timeout: true, cursor: seat.cursor });
    expect(entered).toMatchObject({ status: 'already_waiting' });
    expect(joined).toMatchObject({ status: 'room_created', partners: [] });
  });

  it('refuses new work with 503, to be tried again', async () => {
    refused(await peer.call('get_status', { participant_token: seat.token }));
    refused(await peer.rpc('tools/list'));
    refused(await peer.post({ jsonrpc: '2.0', method: 'notifications/initialized' }));
    refused(await initialize(server.url, '2025-11-25'));
  });

  it('opens no new stream', async () => {
    if (peer instanceof SessionPeer) {
      refused(await send(server.url, 'GET', { Accept: 'text/event-stream', ...peer.headers() }));
    } else refused(await peer.rpc('subscriptions/listen', { notifications: {} }));
  });

  it('is alive, and no longer ready', async () => {
    const health = (name: string) => send(new URL(`/health/${name}`, server.url), 'GET');
    expect((await health('live')).status).toBe(200);
    expect(await health('ready')).toMatchObject({ status: 503, text: expect.stringContaining('draining') as unknown });
  });
});
