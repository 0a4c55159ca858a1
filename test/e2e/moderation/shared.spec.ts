import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Actor, AuditLog, ModerationService } from '../../../src/index.js';
import { ClientPool, ERAS, type TestClient } from '../../support/clients.js';
import { describeWith } from '../../support/programs.js';
import { TestRedis } from '../../support/redis.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { until } from '../../support/until.js';

const MOD: Actor = { principal: 'mod', scopes: new Set(['parley:moderate']) };

describeWith(['redis-server'], 'moderation on two instances', (program) => {
  const clients = new ClientPool();
  let redis: TestRedis;
  let servers: TestServer[];
  let namespaces = 0;
  beforeAll(async () => {
    redis = await TestRedis.start(program);
  }, 60_000);
  afterAll(() => redis.stop());
  beforeEach(async () => {
    const environment = {
      ...{ STATE_URL: redis.url, STATE_NAMESPACE: `n${++namespaces}` },
      POOLS: JSON.stringify([{ name: 'default', supervision: true }]),
    };
    servers = await Promise.all([startTestServer({ environment }), startTestServer({ environment })]);
  }, 60_000);
  afterEach(async () => {
    await clients.closeAll();
    await Promise.all(servers.map((server) => server.close()));
  }, 60_000);

  const moderation = (server: TestServer) => server.app.get(ModerationService, { strict: false });

  describe.each(ERAS)('in $era', ({ connect }) => {
    /** Ann at one instance, Ben at the other, who have met. */
    async function meet() {
      const [here, there] = servers as [TestServer, TestServer];
      const ann: TestClient = await clients.add(connect(here.url));
      const ben: TestClient = await clients.add(connect(there.url));
      await ann.enter({ display_name: 'Ann' });
      const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
      await ann.hears('chatroom.found');
      return { ann, ben, here, there, roomId };
    }

    it('makes one case of what is reported here and there, and resolves it once', async () => {
      const { ann, ben, here, there, roomId } = await meet();
      await ben.say(roomId, 'something "rude" / 😀');
      await ann.ok('report_participant', { room_id: roomId, user_id: ben.userId, reason: 'rude' });
      await ben.ok('report_participant', { room_id: roomId, user_id: ann.userId });
      await ann.ok('report_participant', { room_id: roomId, user_id: ben.userId, reason: 'again' });
      const { items } = await moderation(there).cases(MOD, { limit: 10 });
      expect(items.map(({ complaints, evidence }) => [complaints, evidence.reported.display_name])).toEqual([
        [1, 'Ann'],
        [2, 'Ben'],
      ]);
      const { id } = items[1]!;
      expect((await moderation(there).findCase(MOD, id)).evidence.messages).toMatchObject([
        { text: 'something "rude" / 😀' },
      ]);
      await moderation(here).resolve(MOD, id, 'talked to Ben');
      await expect(moderation(there).resolve(MOD, id, 'again')).rejects.toMatchObject({ code: 'case_not_found' });
      const log = there.app.get<AuditLog>(AuditLog, { strict: false });
      expect((await log.list({ limit: 10 })).items.map(({ action, outcome }) => [action, outcome])).toEqual([
        ['case.resolve', 'refused'],
        ['case.resolve', 'done'],
        ['case.read', 'done'],
      ]);
    });

    it('bans and mutes at one instance whoever is at the other', async () => {
      const { ann, ben, here, roomId } = await meet();
      const mute = await moderation(here).mute(MOD, {
        subject: { participantId: ben.userId },
        reason: 'x',
        until: null,
      });
      expect(await ben.refused('send_message', { room_id: roomId, message: 'hi' })).toMatchObject({ code: 'muted' });
      await moderation(here).lift(MOD, mute.id);
      await ben.say(roomId, 'hi');
      await moderation(here).ban(MOD, { subject: { participantId: ben.userId }, reason: 'x', until: null });
      expect((await ann.hears('partner.disconnected')).params).toMatchObject({ reason: 'removed' });
      expect(await ben.refused('enter_queue')).toMatchObject({ code: 'banned', error: 'You have been excluded' });
    });

    it('tells everybody of a watch that begins at one instance, and lets operators read at the other', async () => {
      const { ann, ben, here, there, roomId } = await meet();
      await ann.say(roomId, 'hello');
      await moderation(here).watch(MOD, roomId);
      for (const client of [ann, ben]) {
        expect((await client.hears('room.supervised')).params).toMatchObject({ room_id: roomId, supervised: true });
      }
      const { messages } = await moderation(there).transcript(MOD, roomId, { limit: 10 });
      expect(messages.map(({ text }) => text)).toEqual(['hello']);
      await moderation(there).unwatch(MOD, roomId);
      await until('the end of the watch', () => ben.all('room.supervised').length === 2);
      await expect(moderation(here).transcript(MOD, roomId, { limit: 10 })).rejects.toMatchObject({
        code: 'not_allowed',
      });
    });
  });
});
