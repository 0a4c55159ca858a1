import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ParticipantsService } from '../../src/participants/index.js';
import { SystemIds } from '../../src/adapters/system/system-ids.js';
import { FakeService } from '../support/fakes.js';

describe('ParticipantsService', () => {
  let service: FakeService;
  let participants: ParticipantsService;
  beforeEach(() => {
    service = new FakeService({ ATTRIBUTES_MAX_BYTES: '600' });
    const { state, notifications, clock, config, gate, desk } = service;
    participants = new ParticipantsService(state, notifications, clock, new SystemIds(), config, gate, desk);
  });
  afterEach(() => service.close());

  it('hands out a token of at least 128 random bits that names its participant, to its principal', async () => {
    const { participant, token } = await participants.create({}, 'p1');
    expect(Buffer.from(token.replace('pt_', ''), 'base64url').length).toBeGreaterThanOrEqual(16);
    expect(await participants.resolve(token, 'p1')).toBe(participant.id);
    for (const [wrong, principal] of [
      [token, null],
      [token, 'p2'],
      [`${token}x`, 'p1'],
      ['', 'p1'],
    ] as const) {
      await expect(async () => participants.resolve(wrong, principal)).rejects.toMatchObject({
        code: 'participant_not_found',
      });
    }
    expect((await participants.create({}, 'p1')).token).not.toBe(token);
  });

  it('keeps no token', async () => {
    const { participant, token } = await participants.create({}, null);
    expect(JSON.stringify(participant)).not.toContain(token);
    expect(JSON.stringify((await participants.get(participant.id)).participant)).not.toContain(token);
  });

  it('gives a name to whoever has none, and takes one that is a label', async () => {
    expect((await participants.create({}, null)).participant.displayName).toBe('Anonymous');
    expect((await participants.create({ displayName: '  Ann ' }, null)).participant.displayName).toBe('Ann');
    for (const displayName of ['', 'a\nb', 'a\u202eb', '\u200b', 'x'.repeat(65)]) {
      await expect(participants.create({ displayName }, null)).rejects.toMatchObject({ code: 'invalid_arguments' });
    }
  });

  it('takes flat attributes in bounds', async () => {
    const attributes = { level: 3, online: true, 'lang.spoken': 'de', likes: ['tea', 'go'] };
    const { participant } = await participants.create({ attributes }, null);
    expect(participant.attributes).toEqual(attributes);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['nested objects', { a: { b: 1 } }, /^attributes\.a must be/],
    ['null', { a: null }, /^attributes\.a must be/],
    ['lists of anything but text', { a: [1] }, /^attributes\.a must be/],
    ['lists in lists', { a: [['x']] }, /^attributes\.a must be/],
    ['odd names', { '__proto__ ': 1 }, /name that is not allowed: "__proto__ "/],
    ['names that begin with an underscore', { _a: 1 }, /name that is not allowed/],
    ['long names', { ['a'.repeat(65)]: 1 }, /name that is not allowed/],
    ['long texts', { a: 'x'.repeat(257) }, /^attributes\.a holds a text longer than 256/],
    ['long lists', { a: Array.from({ length: 33 }, () => 'x') }, /^attributes\.a has 33 items/],
    ['what cannot be stored', { a: 'x\0' }, /^attributes\.a holds a NUL/],
    ['too many', Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, 1])), /^attributes has 33 entries/],
    ['too much', { a: 'x'.repeat(250), b: 'x'.repeat(250), c: 'x'.repeat(250) }, /bytes of JSON; the limit is 600/],
  ])('refuses attributes with %s', async (_, attributes, message) => {
    const creating = participants.create({ attributes }, null);
    await expect(creating).rejects.toMatchObject({ code: 'invalid_arguments' });
    await expect(creating).rejects.toThrow(message);
  });

  it('changes what is given and keeps the rest', async () => {
    const { participant } = await participants.create({ displayName: 'Ann', attributes: { level: 1 } }, null);
    await participants.update(participant.id, { displayName: 'Anna' });
    await participants.update(participant.id, {});
    const { participant: changed } = await participants.get(participant.id);
    expect([changed.displayName, changed.attributes]).toEqual(['Anna', { level: 1 }]);
    await expect(participants.update(participant.id, { displayName: '' })).rejects.toMatchObject({
      code: 'invalid_arguments',
    });
  });

  it('lets go of somebody only when their last stream has closed', async () => {
    const { ann, bob, roomId } = await service.pair();
    const ear = { event: () => true, live: () => undefined, drained: () => Promise.resolve(), failed: () => undefined };
    const close = service.notifications.listen(ann, 1, ear);
    const gone = async () => {
      await participants.release(ann);
      for (let s = 0; s < 40; s++) {
        service.clock.advance(1_000);
        await service.notifications.upkeep();
      }
      const { entries } = service.state.readEvents(bob, { after: 1, limit: 10 }, service.clock.now());
      return entries.map((entry) => entry.body.name);
    };
    expect(await gone()).toEqual([]);
    close();
    expect(await gone()).toEqual(['partner.disconnected', 'room.closed']);
    expect((await service.rooms.room(bob, roomId)).active).toBe(false);
  });
});
