import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AuthService } from '../../../src/index.js';
import { Authority } from '../../support/authority.js';
import { type Receiver, SECRET, useReceivers } from '../../support/receiver.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { until } from '../../support/until.js';
import { errorOf, type Json, rpcOf, StatelessPeer, structured } from '../http/wire.js';

jest.setTimeout(30_000);

describe('webhooks with authentication', () => {
  const newReceiver = useReceivers();
  let authority: Authority;
  let server: TestServer;
  let receiver: Receiver;
  let ann: StatelessPeer;
  let ben: StatelessPeer;
  let roomId: string;

  const peer = async (sub: string) => new StatelessPeer(server.url, await authority.token(sub));
  const subscribe = (who: StatelessPeer, args: Json = {}, method = 'events/subscribe') =>
    who.rpc(method, {
      name: 'message.received',
      arguments: args,
      delivery: { mode: 'webhook', url: receiver.url(), secret: SECRET },
    });
  const say = (message: string) => ben.call('send_message', { room_id: roomId, message });

  beforeEach(async () => {
    authority = await Authority.start();
    receiver = await newReceiver();
    // As in production, apart from receivers on loopback.
    server = await startTestServer({ environment: { ...authority.jwt, WEBHOOKS_ALLOW_LOOPBACK: 'true' } });
    [ann, ben] = [await peer('ann'), await peer('ben')];
    await ann.call('enter_queue', { display_name: 'Ann' });
    roomId = structured(await ben.call('enter_queue', { display_name: 'Ben' }))['room_id'] as string;
  });
  afterEach(async () => {
    await server.close();
    await authority.close();
  });

  it('are for the principal’s own participant, without a participant token', async () => {
    expect(rpcOf(await subscribe(ann)).result).toMatchObject({ id: expect.stringMatching(/^sub_/) });
    await say('hello');
    await receiver.gets();
    expect(receiver.messages).toEqual(['hello']);
  });

  it('cannot be ended or refreshed by anybody else, and outlive the token', async () => {
    await subscribe(ann);
    const eve = await peer('eve');
    await eve.call('join_room', { room_name: 'elsewhere' });
    expect((await subscribe(eve, {}, 'events/unsubscribe')).status).toBe(200);
    expect(errorOf(await subscribe(eve, { room_id: roomId })).data).toEqual({ reason: 'not_a_member' });
    await say('still there');
    await receiver.gets();
    expect(receiver.messages).toEqual(['still there']);
    expect((await subscribe(ann, {}, 'events/unsubscribe')).status).toBe(200);
    await say('no longer');
    expect(structured(await ann.call('wait_for_message', { timeout_seconds: 5 }))['timeout']).toBe(false);
    expect(receiver.messages).toEqual(['still there']);
  });

  it('are ended, and their endpoints told, when the principal is revoked; those of others go on', async () => {
    await subscribe(ann);
    await subscribe(ben);
    const [principal] = [`${authority.issuer}#ann`];
    server.app.get(AuthService, { strict: false }).revoke(principal);
    const [told] = await until('the end of the subscription', () => {
      const posts = receiver.controls('terminated');
      return posts.length > 0 && posts;
    });
    expect(told!.body['error']).toMatchObject({ data: { reason: 'access_revoked' } });
    await say('to nobody');
    await ann.call('send_message', { room_id: roomId, message: 'to Ben' });
    await receiver.gets();
    expect(receiver.messages).toEqual(['to Ben']);
    expect(receiver.controls('terminated')).toHaveLength(1);
  });

  it('ask nobody who does not say who they are', async () => {
    expect((await subscribe(new StatelessPeer(server.url))).status).toBe(401);
    expect(receiver.posts).toHaveLength(0);
  });
});
