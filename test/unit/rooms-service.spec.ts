import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '../../src/notifications/index.js';
import { FakeService, settled } from '../support/fakes.js';

describe('RoomsService', () => {
  let service: FakeService;
  let published: DomainEvent[];
  beforeEach(() => {
    service = new FakeService({ MESSAGE_MAX_CHARACTERS: '10' });
    published = [];
    service.notifications.events.subscribe((event) => published.push(event));
  });
  afterEach(() => service.close());

  const names = () => published.map((event) => (event.kind === 'logged' ? event.entry.body.name : event.name));

  it('publishes what each step wrote, after it was written', async () => {
    const [ann, bob] = [service.person('Ann'), service.person('Bob')];
    const { room } = await service.rooms.join(ann, 'lobby', 5);
    await service.rooms.join(bob, 'lobby', 5);
    await service.rooms.send(ann, room.roomId, 'hello');
    await service.rooms.leave(bob, room.roomId);
    expect(names()).toEqual(['partner.joined', 'message.received', 'partner.disconnected']);
    for (const event of published) {
      if (event.kind !== 'logged') throw new Error('expected logged events');
      const { entries } = service.state.readEvents(event.participantId, { after: 0, limit: 10 }, service.clock.now());
      expect(entries).toContainEqual(event.entry);
    }
  });

  it('publishes the return of somebody by whatever call it came', async () => {
    const { ann, bob, roomId } = await service.pair();
    const calls = [
      () => service.rooms.list(ann),
      () => service.rooms.room(ann, roomId),
      () => service.rooms.messages(ann, roomId, { limit: 10 }),
      () => service.rooms.send(ann, roomId, 'hi'),
      () => service.rooms.setTyping(ann, roomId, true),
      () => service.rooms.report(ann, roomId, bob, 'rude'),
      () => service.rooms.block(ann, roomId, bob),
      () => service.queue.places(ann),
      () => service.queue.leave(ann),
    ];
    for (const call of calls) {
      service.state.release(ann, service.clock.now());
      service.clock.advance(1_000);
      await service.notifications.upkeep();
      published.length = 0;
      await call();
      expect(names()[0]).toBe('partner.reconnected');
    }
  });

  it('takes room names as labels: trimmed, one line, in normal form', async () => {
    const [ann, bob] = [service.person('Ann'), service.person('Bob')];
    const { room } = await service.rooms.join(ann, '  cafe\u0301 ', 5);
    expect((await service.rooms.join(bob, 'caf\u00e9', 5)).room.roomId).toBe(room.roomId);
    for (const name of ['', '  ', 'a\nb', 'a\u202eb', 'x'.repeat(101)]) {
      await expect(service.rooms.join(ann, name, 5)).rejects.toMatchObject({ code: 'invalid_arguments' });
    }
  });

  it('refuses messages that are too long, blank or not storable, and sends nothing', async () => {
    const { ann, roomId } = await service.pair();
    for (const text of ['x'.repeat(11), '', ' \n', 'a\0', '\ud800']) {
      const sending = async () => service.rooms.send(ann, roomId, text);
      await expect(sending()).rejects.toMatchObject({ code: 'invalid_arguments' });
    }
    expect((await service.rooms.send(ann, roomId, '😀'.repeat(10))).seq).toBe(1);
  });

  it('returns the first result for a client_message_id seen before', async () => {
    const { ann, roomId } = await service.pair();
    const first = await service.rooms.send(ann, roomId, 'hello', 'm1');
    service.clock.advance(5_000);
    expect(await service.rooms.send(ann, roomId, 'other', 'm1')).toEqual(first);
  });

  it('tells the others of typing, live only, and nobody else', async () => {
    const { ann, bob, roomId } = await service.pair();
    const heard: unknown[] = [];
    const ear = { event: () => true, drained: () => Promise.resolve(), failed: () => undefined };
    for (const id of [ann, bob, service.person('Eve')]) {
      service.notifications.listen(id, 1, { ...ear, live: (name, data) => heard.push([id, name, data]) });
    }
    await settled();
    await service.rooms.setTyping(ann, roomId, true);
    await settled();
    const partner = { user_id: ann, display_name: 'Ann' };
    expect(heard).toEqual([[bob, 'partner.typing', { room_id: roomId, partner, typing: true }]]);
    const eve = service.person('Eve');
    await expect(service.rooms.setTyping(eve, roomId, true)).rejects.toMatchObject({ code: 'room_not_found' });
  });

  it('takes a report of bounded length', async () => {
    const { ann, bob, roomId } = await service.pair();
    await service.rooms.report(ann, roomId, bob, ' was\n  rude ');
    await service.rooms.report(ann, roomId, bob);
    await expect(service.rooms.report(ann, roomId, bob, 'x'.repeat(1_001))).rejects.toMatchObject({
      code: 'invalid_arguments',
    });
  });
});
