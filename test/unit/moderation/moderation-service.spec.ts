import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryAuditLog } from '../../../src/adapters/memory/memory-audit-log.js';
import { MemoryWatchList } from '../../../src/adapters/memory/memory-watch-list.js';
import { stateUnavailable } from '../../../src/domain/errors.js';
import { type Actor, AuditTrail, ModerationService } from '../../../src/moderation/index.js';
import { WATCH_MS, WatchKeeper } from '../../../src/moderation/watch-keeper.js';
import { FakeService, settled } from '../../support/fakes.js';

const MOD: Actor = { principal: 'mod', scopes: new Set(['parley:moderate']) };
const ADMIN: Actor = { principal: 'root', scopes: new Set(['parley:admin']) };
const CHATTER: Actor = { principal: 'ann', scopes: new Set(['parley:chat']) };

describe('ModerationService', () => {
  let service: FakeService;
  let audit: MemoryAuditLog;
  let keeper: WatchKeeper;
  let moderation: ModerationService;
  let ann: string;
  let bob: string;
  let roomId: string;

  async function start(supervision = true): Promise<void> {
    service = new FakeService({ POOLS: JSON.stringify([{ name: 'default', supervision }]) });
    const { state, cases, notifications, clock, ids, config } = service;
    audit = new MemoryAuditLog(100);
    keeper = new WatchKeeper(state, new MemoryWatchList(), notifications, clock, config);
    const trail = new AuditTrail(audit, clock, ids);
    moderation = new ModerationService(state, cases, keeper, trail, notifications, clock, ids);
    ({ ann, bob, roomId } = await service.pair());
  }
  beforeEach(() => start());
  afterEach(() => service.close());

  const entries = () => audit.list({ limit: 100 }).items;
  const deeds = () => entries().map(({ actor, action, subject, outcome }) => [actor, action, subject, outcome]);
  const eventsOf = (id: string) =>
    service.state.readEvents(id, { after: 0, limit: 100 }, service.clock.now()).entries.map(({ body }) => body);
  const order = (participantId = bob, overrides = {}) => ({
    ...{ subject: { participantId }, reason: 'rude', until: null },
    ...overrides,
  });
  async function openCase(): Promise<string> {
    await service.rooms.report(ann, roomId, bob, 'rude');
    return service.cases.list({ limit: 1 }).items[0]!.id;
  }

  it('bans at once, ends what the banned listens to, and lifts', async () => {
    const ended: unknown[] = [];
    const ear = { event: () => true, live: () => undefined, drained: () => Promise.resolve() };
    service.notifications.listen(bob, 1, { ...ear, failed: (why) => ended.push(why) });
    const waited = service.notifications.wait({ participantId: bob, timeoutMs: 60_000, until: () => false });
    await settled();
    const sanction = await moderation.ban(MOD, order());
    expect(ended).toMatchObject([{ code: 'banned' }]);
    await waited;
    expect(eventsOf(ann).at(-2)).toMatchObject({ name: 'partner.disconnected', data: { reason: 'removed' } });
    await expect(service.queue.enter(bob)).rejects.toMatchObject({ code: 'banned' });
    expect((await moderation.sanctions(MOD, { limit: 10 })).items).toEqual([sanction]);
    await moderation.lift(ADMIN, sanction.id);
    await service.queue.enter(bob);
    await expect(moderation.lift(MOD, sanction.id)).rejects.toMatchObject({ code: 'sanction_not_found' });
    expect(deeds().reverse()).toEqual([
      ['mod', 'participant.ban', bob, 'done'],
      ['root', 'sanction.lift', sanction.id, 'done'],
      ['mod', 'sanction.lift', sanction.id, 'refused'],
    ]);
    expect(entries().at(-1)!.details).toEqual({ sanction_id: sanction.id, until: null });
  });

  it('mutes for a time', async () => {
    await moderation.mute(MOD, order(bob, { until: service.clock.now() + 1_000 }));
    const say = async (who: string) => service.rooms.send(who, roomId, 'hi');
    await expect(say(bob)).rejects.toMatchObject({ code: 'muted' });
    await say(ann);
    service.clock.advance(1_000);
    await say(bob);
    await moderation.mute(MOD, order('', { subject: { principal: 'p1' } }));
    expect(deeds()[0]).toEqual(['mod', 'principal.mute', 'p1', 'done']);
  });

  it('wants a reason, a time to come and somebody who is there', async () => {
    const wrong = { code: 'invalid_arguments' };
    await expect(moderation.ban(MOD, order(bob, { reason: ' ' }))).rejects.toMatchObject(wrong);
    await expect(moderation.ban(MOD, order(bob, { reason: 'x'.repeat(1_001) }))).rejects.toMatchObject(wrong);
    await expect(moderation.ban(MOD, order(bob, { until: service.clock.now() }))).rejects.toMatchObject(wrong);
    await expect(moderation.ban(MOD, order('nobody'))).rejects.toMatchObject({ code: 'participant_not_found' });
    expect(deeds().map(([, , , outcome]) => outcome)).toEqual(['refused', 'refused', 'refused', 'refused']);
  });

  it('shows and resolves cases, each look at what was said in the audit log', async () => {
    const id = await openCase();
    expect((await moderation.cases(MOD, { limit: 10, state: 'open' })).items).toMatchObject([{ id, complaints: 1 }]);
    expect(await moderation.findCase(MOD, id)).toMatchObject({ evidence: { reported: { user_id: bob } } });
    expect(await moderation.resolve(MOD, id, 'talked to them')).toMatchObject({
      state: 'resolved',
      resolution: { note: 'talked to them', by: 'mod' },
    });
    await expect(moderation.resolve(MOD, id, 'again')).rejects.toMatchObject({ code: 'case_not_found' });
    await expect(moderation.findCase(MOD, 'none')).rejects.toMatchObject({ code: 'case_not_found' });
    expect(deeds().reverse()).toEqual([
      ['mod', 'case.read', id, 'done'],
      ['mod', 'case.resolve', id, 'done'],
      ['mod', 'case.resolve', id, 'refused'],
      ['mod', 'case.read', 'none', 'refused'],
    ]);
  });

  it('lets nobody read along before everybody there knows', async () => {
    await service.rooms.send(ann, roomId, 'hello');
    const read = () => moderation.transcript(MOD, roomId, { limit: 10 }, 'a hunch');
    await expect(read()).rejects.toMatchObject({ code: 'not_allowed' });
    expect(await moderation.watch(MOD, roomId)).toMatchObject({ supervised: true });
    for (const id of [ann, bob]) {
      expect(eventsOf(id).at(-1)).toMatchObject({ name: 'room.supervised', data: { supervised: true } });
    }
    expect((await read()).messages).toMatchObject([{ text: 'hello' }]);
    expect(await moderation.unwatch(MOD, roomId)).toMatchObject({ supervised: false });
    expect(eventsOf(bob).at(-1)).toMatchObject({ name: 'room.supervised', data: { supervised: false } });
    await expect(read()).rejects.toMatchObject({ code: 'not_allowed' });
    expect(entries()[0]).toMatchObject({ action: 'room.transcript', outcome: 'refused', details: { why: 'a hunch' } });
  });

  it('lets a room be read of which a case is open', async () => {
    const id = await openCase();
    const read = () => moderation.transcript(MOD, roomId, { limit: 10 });
    expect((await read()).messages).toEqual([]);
    await moderation.resolve(MOD, id, 'done');
    await expect(read()).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(moderation.transcript(MOD, 'nowhere', { limit: 10 })).rejects.toMatchObject({
      code: 'room_not_found',
    });
  });

  it('ends a watch when nobody has read for five minutes, and not before', async () => {
    await moderation.watch(MOD, roomId);
    service.clock.advance(WATCH_MS - 1);
    await moderation.transcript(MOD, roomId, { limit: 1 });
    service.clock.advance(WATCH_MS - 1);
    await keeper.sweep();
    expect(service.state.roomFacts(roomId)?.supervised).toBe(true);
    service.clock.advance(1);
    await keeper.sweep();
    expect(service.state.roomFacts(roomId)?.supervised).toBe(false);
  });

  it('tries again to end a watch while the state is away, and forgets one whose room has ended', async () => {
    await moderation.watch(MOD, roomId);
    service.clock.advance(WATCH_MS);
    const supervise = jest.spyOn(service.state, 'supervise').mockImplementationOnce(() => {
      throw stateUnavailable();
    });
    await keeper.sweep();
    await keeper.sweep();
    expect(supervise).toHaveBeenCalledTimes(2);
    await moderation.watch(MOD, roomId);
    await service.rooms.leave(ann, roomId);
    service.clock.advance(WATCH_MS);
    await keeper.sweep();
    await keeper.sweep();
    expect(supervise).toHaveBeenCalledTimes(4);
  });

  it('watches no room of which nobody has said that it may', async () => {
    service.close();
    await start(false);
    await expect(moderation.watch(MOD, roomId)).rejects.toMatchObject({
      code: 'not_allowed',
      message: 'Rooms of the pool "default" may not be watched',
    });
    const { room } = await service.rooms.join(ann, 'lobby', 5);
    await expect(moderation.watch(MOD, room.roomId)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(moderation.watch(MOD, 'nowhere')).rejects.toMatchObject({ code: 'room_not_found' });
    expect(deeds().map(([, , , outcome]) => outcome)).toEqual(['refused', 'refused', 'refused']);
  });

  it('does nothing for whoever is no moderator, and writes down who tried', async () => {
    const id = await openCase();
    const tries = [
      () => moderation.ban(CHATTER, order()),
      () => moderation.mute(CHATTER, order()),
      () => moderation.lift(CHATTER, 's'),
      () => moderation.findCase(CHATTER, id),
      () => moderation.resolve(CHATTER, id, 'x'),
      () => moderation.watch(CHATTER, roomId),
      () => moderation.unwatch(CHATTER, roomId),
      () => moderation.transcript(CHATTER, roomId, { limit: 10 }),
    ];
    for (const attempt of tries) await expect(attempt()).rejects.toMatchObject({ code: 'not_allowed' });
    expect(deeds().map(([actor, , , outcome]) => [actor, outcome])).toEqual(tries.map(() => ['ann', 'refused']));
    await expect(moderation.cases(CHATTER, { limit: 1 })).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(moderation.sanctions(CHATTER, { limit: 1 })).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('says what failed in the audit log, and does what it can when that cannot be written', async () => {
    jest.spyOn(service.state, 'impose').mockImplementationOnce(() => {
      throw stateUnavailable();
    });
    await expect(moderation.ban(MOD, order())).rejects.toMatchObject({ code: 'unavailable' });
    expect(deeds()).toEqual([['mod', 'participant.ban', bob, 'failed']]);
    jest.spyOn(audit, 'append').mockImplementationOnce(() => {
      throw stateUnavailable();
    });
    await moderation.ban(MOD, order());
    await expect(service.queue.enter(bob)).rejects.toMatchObject({ code: 'banned' });
  });
});
