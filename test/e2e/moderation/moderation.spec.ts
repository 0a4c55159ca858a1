import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Actor, CaseStore, ModerationService } from '../../../src/index.js';
import { ERAS, type TestClient } from '../../support/clients.js';
import { ModeratorService, verdict } from '../../support/moderator-service.js';
import { useParley } from '../../support/parley.js';
import { until } from '../../support/until.js';

const MOD: Actor = { principal: 'mod', scopes: new Set(['parley:moderate']) };
const SUPERVISED = { POOLS: JSON.stringify([{ name: 'default', supervision: true }]) };

describe.each(ERAS)('moderation in $era', ({ connect }) => {
  const parley = useParley();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-rules-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const moderation = () => parley.server.app.get(ModerationService, { strict: false });
  const cases = () => parley.server.app.get<CaseStore>(CaseStore, { strict: false });
  const texts = async (client: TestClient, room_id: string) =>
    (await client.ok('get_messages', { room_id })).messages.map(({ message }) => message);

  describe('by rules', () => {
    beforeEach(async () => {
      const file = join(folder, 'rules.json');
      const rules = [
        { words: ['darn'], action: 'mask' },
        { pattern: '\\bhttps?://\\S+', action: 'refuse', reason: 'links are not welcome here' },
        { words: ['secret'], action: 'flag', reason: 'might give something away' },
      ];
      writeFileSync(file, JSON.stringify(rules));
      await parley.start({ environment: { MODERATION_RULES_FILE: file } });
    });

    it('masks what others read, and tells its author', async () => {
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      const { facts, text } = await ann.call('send_message', { room_id: roomId, message: 'D\u200barn, 👍' });
      expect(facts).toMatchObject({ success: true, seq: 1, masked: true, message: '*****, 👍' });
      expect(text).toContain('parts of it masked');
      await ben.hearsMessage('*****, 👍');
      expect(await texts(ann, roomId)).toEqual(['*****, 👍']);
      expect(await ann.say(roomId, 'fine')).not.toHaveProperty('masked');
    });

    it('refuses, with the reason, and others hear nothing of it', async () => {
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      expect(await ann.refused('send_message', { room_id: roomId, message: 'see https://x.example' })).toMatchObject({
        code: 'message_refused',
        error: 'This message is not allowed here: links are not welcome here',
        retryable: false,
      });
      await ann.say(roomId, 'sorry');
      await ben.hearsMessage('sorry');
      expect(ben.messagesHeard).toEqual(['sorry']);
    });

    it('delivers what it flags, and opens a case', async () => {
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      expect(await ann.say(roomId, 'a secret', { client_message_id: 'm1' })).not.toHaveProperty('masked');
      await ann.say(roomId, 'a secret', { client_message_id: 'm1' });
      await ben.hearsMessage('a secret');
      const [opened] = await until('the case', async () => {
        const { items } = await cases().list({ limit: 10 });
        return items.length > 0 && items;
      });
      expect(opened).toMatchObject({ state: 'open', complaints: 1, evidence: { reported: { user_id: ann.userId } } });
      expect((await moderation().findCase(MOD, opened!.id)).evidence.messages).toMatchObject([{ text: 'a secret' }]);
    });

    it('looks at names, too', async () => {
      const [ann, ben] = await Promise.all([parley.client<TestClient>(connect), parley.client<TestClient>(connect)]);
      expect(await ann.refused('enter_queue', { display_name: 'https://x.example' })).toMatchObject({
        error: 'This display_name is not allowed here: links are not welcome here',
      });
      await ann.enter({ display_name: 'Darn Ann' });
      const { partner } = await ben.enter({ display_name: 'Ben' });
      expect(partner).toMatchObject({ display_name: '**** Ann' });
    });
  });

  it('makes one case of several reports, and lets operators read what was said there', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    await ben.say(roomId, 'something rude');
    for (const reason of ['rude', 'still rude']) {
      await ann.ok('report_participant', { room_id: roomId, user_id: ben.userId, reason });
    }
    const { items } = await moderation().cases(MOD, { limit: 10 });
    expect(items).toMatchObject([{ complaints: 2, evidence: { room: { roomId }, reported: { display_name: 'Ben' } } }]);
    const found = await moderation().findCase(MOD, items[0]!.id);
    expect(found.evidence.messages).toMatchObject([{ text: 'something rude', sender: { user_id: ben.userId } }]);
    expect((await moderation().transcript(MOD, roomId, { limit: 10 })).messages).toHaveLength(1);
    expect(ben.heard.map(({ method }) => method)).toEqual(['chatroom.found']);
  });

  it('mutes: whoever is muted reads on and does not write', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    const sanction = await moderation().mute(MOD, {
      subject: { participantId: ben.userId },
      reason: 'rude',
      until: null,
    });
    expect(await ben.refused('send_message', { room_id: roomId, message: 'hi' })).toMatchObject({
      code: 'muted',
      error: 'You may not write',
    });
    await ann.say(roomId, 'hello');
    await ben.hearsMessage('hello');
    await moderation().lift(MOD, sanction.id);
    await ben.say(roomId, 'hi');
  });

  it('bans in the middle of a conversation: the next call is refused, and the partner is told', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    const end = Date.now() + 3_600_000;
    const open = parley.server.streams;
    await moderation().ban(MOD, { subject: { participantId: ben.userId }, reason: 'rude', until: end });
    await until('the stream of the banned to end', () => parley.server.streams < open);
    expect((await ann.hears('partner.disconnected')).params).toMatchObject({ room_id: roomId, reason: 'removed' });
    for (const [tool, args] of [
      ['send_message', { room_id: roomId, message: 'hi' }],
      ['enter_queue', {}],
      ['get_status', {}],
    ] as const) {
      expect(await ben.refused(tool, args)).toMatchObject({
        code: 'banned',
        error: `You have been excluded until ${new Date(end).toISOString()}`,
      });
    }
    await ann.ok('enter_queue');
  });

  it('tells everybody in a room before it is watched', async () => {
    await parley.start({ environment: SUPERVISED });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    await ben.say(roomId, 'between us');
    await expect(moderation().transcript(MOD, roomId, { limit: 10 })).rejects.toMatchObject({ code: 'not_allowed' });
    await moderation().watch(MOD, roomId);
    for (const client of [ann, ben]) {
      expect((await client.hears('room.supervised')).params).toMatchObject({ room_id: roomId, supervised: true });
    }
    expect((await moderation().transcript(MOD, roomId, { limit: 10 })).messages).toMatchObject([
      { text: 'between us' },
    ]);
    await moderation().unwatch(MOD, roomId);
    expect((await ann.hears('room.supervised', 2)).params).toMatchObject({ supervised: false });
  });

  describe('by a service of the operator', () => {
    let service: ModeratorService;
    beforeEach(async () => {
      service = await ModeratorService.start();
    });
    afterEach(() => service.stop());

    const start = (onFailure: 'open' | 'closed', more: object = {}) =>
      parley.start({
        environment: {
          ...{ MODERATION_URL: service.url, MODERATION_SECRET: service.secret, MODERATION_ON_FAILURE: onFailure },
          ...{ MODERATION_TIMEOUT_MS: 10_000, ...more },
        },
      });

    it('asks it about each message and name, signed, over a connection that is kept', async () => {
      await start('closed');
      service.answer = ({ text }) => (text === 'bad' ? verdict('mask', { text: '***' }) : verdict('pass'));
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      expect(await ann.say(roomId, 'bad')).toMatchObject({ masked: true });
      await ben.hearsMessage('***');
      for (let i = 0; i < 5; i++) await ann.say(roomId, `hello ${i}`);
      expect(service.questions.slice(0, 3)).toEqual([
        { kind: 'display_name', text: 'Ann', participant_id: null, room_id: null },
        { kind: 'display_name', text: 'Ben', participant_id: null, room_id: null },
        { kind: 'message', text: 'bad', participant_id: ann.userId, room_id: roomId },
      ]);
      expect(service.connections).toBeLessThan(4);
    });

    it('looks at what the rules have left, and refuses or flags in its own words', async () => {
      const file = join(folder, 'masks.json');
      writeFileSync(file, JSON.stringify([{ words: ['darn'], action: 'mask' }]));
      await start('closed', { MODERATION_RULES_FILE: file });
      const { ann, roomId } = await parley.pair<TestClient>(connect);
      service.answer = ({ text }) =>
        text === '**** no'
          ? verdict('refuse', { reason: 'too\nrude' })
          : verdict('flag', { reason: 'look', text: '!' });
      expect(await ann.refused('send_message', { room_id: roomId, message: 'darn no' })).toMatchObject({
        error: 'This message is not allowed here: too rude',
      });
      expect(await ann.say(roomId, 'darn yes')).toMatchObject({ masked: true });
      expect(await texts(ann, roomId)).toEqual(['!']);
      await until('the case', async () => (await cases().openCases()) === 1);
    });

    const faults: Readonly<Record<string, () => ReturnType<ModeratorService['answer']>>> = {
      'is slow': () => undefined,
      'says what is no JSON': () => ({ body: 'pass' }),
      'says what is no verdict': () => verdict('perhaps'),
      fails: () => ({ status: 500, body: '' }),
      'sends elsewhere': () => ({ status: 307, body: '' }),
      'says too much': () => verdict('mask', { text: 'x'.repeat(2_000_000) }),
    };
    it.each(Object.keys(faults))(
      'lets messages through or refuses them, as is configured, when it %s',
      async (fault) => {
        const impatient = { MODERATION_TIMEOUT_MS: 300 };
        await start('open', impatient);
        const open = await parley.pair<TestClient>(connect);
        service.answer = faults[fault]!;
        await open.ann.say(open.roomId, 'hello');
        await open.ben.hearsMessage('hello');

        service.answer = () => verdict('pass');
        await start('closed', { MODERATION_TIMEOUT_MS: 10_000 });
        const closed = await parley.pair<TestClient>(connect);
        const message = { room_id: closed.roomId, message: 'hello', client_message_id: 'm1' };
        service.answer = fault === 'is slow' ? () => ({ status: 503, body: '' }) : faults[fault]!;
        expect(await closed.ann.refused('send_message', message)).toMatchObject({
          code: 'unavailable',
          retryable: true,
        });
        service.answer = () => verdict('pass');
        await closed.ann.ok('send_message', message);
        service.answer = () => verdict('refuse', { reason: 'never' });
        await closed.ann.ok('send_message', message);
        expect(await texts(closed.ann, closed.roomId)).toEqual(['hello']);
      },
    );

    it('goes on when it is down, and without asking it each time', async () => {
      await start('open');
      const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
      await service.stop();
      for (let i = 0; i < 10; i++) await ann.say(roomId, `hello ${i}`);
      await ben.hearsMessage('hello 9');
      service = await ModeratorService.start();
    });
  });
});
