import { describe, expect, it, jest } from '@jest/globals';
import { connectV1, connectV2, ERAS } from '../../support/clients.js';
import { useParley } from '../../support/parley.js';

jest.setTimeout(60_000);

const ADMIN_TOKEN = 'an-admin-token-of-thirty-two-characters';
const POOLS = '[{"name":"default"},{"name":"mentors"}]';

describe.each(ERAS)('what an operator does is heard at once ($era)', ({ connect }) => {
  const parley = useParley();
  const environment = { ADMIN_TOKEN, POOLS };
  const act = async (method: string, path: string, body?: object) => {
    const response = await fetch(new URL(`/admin${path}`, parley.server.url), {
      method,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Readonly<Record<string, unknown>>;
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };

  it('matches nobody while a pool is paused, and those who wait when it is resumed', async () => {
    await parley.start({ environment });
    await act('PATCH', '/pools/default', { mode: 'paused' });
    const [ann, ben] = [await parley.client(connect), await parley.client(connect)];
    expect((await ann.enter({ display_name: 'Ann' })).status).toBe('waiting');
    expect((await ben.enter({ display_name: 'Ben' })).status).toBe('waiting');
    expect(await act('GET', '/pools/default')).toMatchObject({ mode: 'paused', waiting: 2 });
    await act('PATCH', '/pools/default', { mode: 'open' });
    const [heard] = [await ann.hears('chatroom.found'), await ben.hears('chatroom.found')];
    expect(heard.params['partner']).toMatchObject({ display_name: 'Ben' });
  });

  it('lets nobody into a pool that drains', async () => {
    await parley.start({ environment });
    await act('PATCH', '/pools/default', { mode: 'draining' });
    const ann = await parley.client(connect);
    expect(await ann.refused('enter_queue')).toMatchObject({ code: 'pool_closed', retryable: true });
  });

  it('tells who waits that an operator has moved them, and taken them out', async () => {
    await parley.start({ environment });
    const ann = await parley.client(connect);
    const { ticket_id } = await ann.enter({ display_name: 'Ann' });
    await act('POST', `/tickets/${ticket_id}/move`, { pool: 'mentors' });
    expect((await ann.hears('queue.moved')).params).toEqual({ ticket_id, from: 'default', pool: 'mentors' });
    await act('DELETE', `/tickets/${ticket_id}`);
    expect((await ann.hears('queue.expired')).params).toEqual({ ticket_id, pool: 'mentors', reason: 'removed' });
  });

  it('tells both that an operator has closed their room', async () => {
    await parley.start({ environment });
    const { ann, ben, roomId } = await parley.pair(connect);
    await act('DELETE', `/rooms/${roomId}`);
    for (const client of [ann, ben]) {
      expect((await client.hears('room.closed')).params).toMatchObject({
        room_id: roomId,
        reason: 'closed_by_operator',
      });
    }
    expect(await ann.refused('send_message', { room_id: roomId, message: 'hello?' })).toMatchObject({
      error: 'Chat has ended',
    });
  });

  it('tells the other that somebody was removed, who may come back', async () => {
    await parley.start({ environment });
    const { ann, ben, roomId } = await parley.pair(connect);
    await act('POST', `/participants/${ann.userId}/disconnect`);
    expect((await ben.hears('partner.disconnected')).params).toMatchObject({ room_id: roomId, reason: 'removed' });
    expect((await ann.hears('room.closed')).params).toMatchObject({ reason: 'closed_by_operator' });
    expect((await ann.ok('enter_queue')).status).toBe('waiting');
  });

  it('keeps out who is banned, and lets in again who is no longer', async () => {
    await parley.start({ environment });
    const { ann, ben, roomId } = await parley.pair(connect);
    const { id } = await act('POST', '/sanctions', { kind: 'mute', user_id: ann.userId, reason: 'too loud' });
    expect(await ann.refused('send_message', { room_id: roomId, message: 'hello' })).toMatchObject({ code: 'muted' });
    await act('DELETE', `/sanctions/${String(id)}`);
    await ann.say(roomId, 'sorry');
    await ben.hearsMessage('sorry');
    await act('POST', '/sanctions', { kind: 'ban', user_id: ann.userId, reason: 'rude' });
    expect(await ann.refused('enter_queue')).toMatchObject({ code: 'banned' });
    expect((await ben.hears('partner.disconnected')).params).toMatchObject({ reason: 'removed' });
  });
});

describe('what an operator does to one', () => {
  const parley = useParley();

  it('costs somebody in another room nothing', async () => {
    await parley.start({ environment: { ADMIN_TOKEN } });
    const [first, second] = [await parley.pair(connectV1), await parley.pair(connectV2)];
    await fetch(new URL(`/admin/rooms/${first.roomId}`, parley.server.url), {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    await first.ben.hears('room.closed');
    await second.ann.say(second.roomId, 'still here');
    await second.ben.hearsMessage('still here');
    expect(second.ben.all('room.closed')).toEqual([]);
  });
});
