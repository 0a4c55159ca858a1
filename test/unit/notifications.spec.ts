import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryAuditLog } from '../../src/adapters/memory/memory-audit-log.js';
import { MemoryCaseStore } from '../../src/adapters/memory/memory-case-store.js';
import { MemoryFigureLog } from '../../src/adapters/memory/memory-figure-log.js';
import { MemoryInstanceRegistry } from '../../src/adapters/memory/memory-instance-registry.js';
import { MemoryWatchList } from '../../src/adapters/memory/memory-watch-list.js';
import { MemoryWebhookStore } from '../../src/adapters/memory/memory-webhook-store.js';
import type { LogEntry } from '../../src/domain/event.js';
import type { DomainEvent, EventListener, WaitResult } from '../../src/notifications/index.js';
import type { Elsewhere, Sharing } from '../../src/ports/state-store.js';
import { FakeService, settled } from '../support/fakes.js';

const names = ({ entries }: WaitResult) => entries.map((entry) => entry.body.name);

/** Takes down what it hears. */
class Ear implements EventListener {
  readonly heard: string[] = [];
  readonly seqs: number[] = [];

  event(entry: LogEntry): boolean {
    this.heard.push(entry.body.name);
    this.seqs.push(entry.seq);
    return true;
  }

  live(name: string): void {
    this.heard.push(name);
  }

  drained = () => Promise.resolve();
  failed = () => undefined;
}

describe('NotificationsService', () => {
  let service: FakeService;
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    service = new FakeService();
  });
  afterEach(() => {
    service.close();
    jest.useRealTimers();
  });

  /** A wait, and whether it is over yet. */
  function waiting(participantId: string, options: Partial<Parameters<typeof service.notifications.wait>[0]> = {}) {
    const state = { over: false, stop: () => undefined as void };
    const result = service.notifications.wait({
      participantId,
      timeoutMs: 25_000,
      onStart: (stop) => (state.stop = stop),
      ...options,
    });
    const done = () => (state.over = true);
    result.then(done, done);
    return { state, result };
  }

  const say = (who: string, roomId: string, text = 'hello') => service.rooms.send(who, roomId, text);

  describe('a wait', () => {
    it('returns what is there already, at once', async () => {
      const { bob } = await service.pair();
      const found = await waiting(bob).result;
      expect(names(found)).toEqual(['chatroom.found']);
      expect([found.position, found.truncated]).toEqual([1, false]);
    });

    it('consumes nothing until it is acknowledged', async () => {
      const { bob } = await service.pair();
      expect(names(await waiting(bob).result)).toEqual(['chatroom.found']);
      expect(names(await waiting(bob).result)).toEqual(['chatroom.found']);
      await service.notifications.acknowledge(bob, 1);
      const next = waiting(bob);
      await settled();
      expect(next.state.over).toBe(false);
    });

    it('returns what comes while it waits', async () => {
      const { ann, bob, roomId } = await service.pair();
      const wait = waiting(bob, { after: 1 });
      await settled();
      expect(wait.state.over).toBe(false);

      await say(ann, roomId);

      expect(names(await wait.result)).toEqual(['message.received']);
    });

    it('returns all that comes in one go, and reads nothing again when that is one event', async () => {
      const { ann, bob, roomId } = await service.pair();
      const read = jest.spyOn(service.state, 'readEvents');
      const one = waiting(bob, { after: 1 });
      await settled();
      await say(ann, roomId);
      expect(await one.result).toMatchObject({ entries: [{ seq: 2 }], position: 2, truncated: false });
      expect(read).toHaveBeenCalledTimes(1);

      const both = waiting(bob, { after: 2 });
      await settled();
      await service.rooms.leave(ann, roomId);
      expect(names(await both.result)).toEqual(['partner.disconnected', 'room.closed']);
    });

    it('still says that events were lost when it had to wait for the next', async () => {
      service.close();
      service = new FakeService({ EVENT_LOG_ENTRIES: '1' });
      const { ann, bob, roomId } = await service.pair();
      const { room } = await service.rooms.join(bob, 'lobby', 10);
      await service.rooms.join(ann, 'lobby', 10);
      await say(ann, roomId);
      const wait = waiting(bob, { after: 0, roomId: room.roomId });
      await settled();
      await say(ann, room.roomId);
      expect(await wait.result).toMatchObject({ entries: [{ seq: 4 }], position: 4, truncated: true });
    });

    it('returns at once what came between its start and its first read', async () => {
      const { ann, bob, roomId } = await service.pair();
      const wait = waiting(bob, { after: 1 });
      const sent = say(ann, roomId);
      expect(names(await wait.result)).toEqual(['message.received']);
      await sent;
    });

    it('misses nothing that a store which answers late has not seen', async () => {
      const { ann, bob, roomId } = await service.pair();
      const read = service.state.readEvents.bind(service.state);
      let answer: () => void = () => undefined;
      jest.spyOn(service.state, 'readEvents').mockImplementationOnce((...args) => {
        const seen = read(...args);
        return new Promise((resolve) => (answer = () => resolve(seen))) as unknown as typeof seen;
      });
      const wait = waiting(bob, { after: 1 });
      await say(ann, roomId);
      await settled();
      answer();
      expect(names(await wait.result)).toEqual(['message.received']);
    });

    it('returns nothing when the time is over', async () => {
      const { bob } = await service.pair();
      const wait = waiting(bob, { after: 1 });
      await settled();
      jest.advanceTimersByTime(24_999);
      await settled();
      expect(wait.state.over).toBe(false);
      jest.advanceTimersByTime(1);
      expect(await wait.result).toEqual({ entries: [], position: 1, truncated: false });
    });

    it('does not wait at all when it is given no time', async () => {
      const { bob } = await service.pair();
      expect((await waiting(bob, { after: 1, timeoutMs: 0 }).result).entries).toEqual([]);
    });

    it('is not ended by what its caller has read already and is told late', async () => {
      const { ann, bob, roomId } = await service.pair();
      await say(ann, roomId);
      await settled();
      const { entries } = service.state.readEvents(bob, { after: 0, limit: 10 }, service.clock.now());
      const wait = waiting(bob, { after: 2 });
      await settled();
      service.notifications.publish(entries.map((entry) => ({ participantId: bob, entry })));
      await settled();
      expect(wait.state.over).toBe(false);

      await say(ann, roomId, 'new');
      expect((await wait.result).entries.map(({ seq }) => seq)).toEqual([3]);
    });

    it('hears of its own room only', async () => {
      const { ann, bob, roomId } = await service.pair();
      const other = await service.rooms.join(ann, 'lobby', 10);
      await service.rooms.join(bob, 'lobby', 10);
      const wait = waiting(bob, { after: 1, roomId });
      await say(ann, other.room.roomId);
      await settled();
      expect(wait.state.over).toBe(false);

      await say(ann, roomId);
      const found = await wait.result;
      expect(names(found)).toEqual(['message.received']);
      expect(found.position).toBe(3);
    });

    it('is woken only by what it waits for, and then returns all there is', async () => {
      const { ann, bob, roomId } = await service.pair();
      const wait = waiting(bob, { after: 1, until: (entry) => entry.body.name === 'partner.disconnected' });
      await say(ann, roomId);
      await settled();
      expect(wait.state.over).toBe(false);
      await service.rooms.leave(ann, roomId);
      expect(names(await wait.result)).toEqual(['message.received', 'partner.disconnected', 'room.closed']);
    });

    it('ends when its caller goes away', async () => {
      const { bob } = await service.pair();
      const timers = jest.getTimerCount();
      const wait = waiting(bob, { after: 1 });
      await settled();
      expect(jest.getTimerCount()).toBe(timers + 1);
      wait.state.stop();
      expect((await wait.result).entries).toEqual([]);

      const early = waiting(bob, { after: 1, onStart: (stop) => stop() });
      expect((await early.result).entries).toEqual([]);
      expect(jest.getTimerCount()).toBe(timers);
    });

    it('serves several at once', async () => {
      const { ann, bob, roomId } = await service.pair();
      const waits = [waiting(bob, { after: 1 }), waiting(bob, { after: 1, roomId }), waiting(bob, { after: 0 })];
      await say(ann, roomId);
      const found = await Promise.all(waits.map(({ result }) => result));
      expect(found.map(names)).toEqual([['message.received'], ['message.received'], ['chatroom.found']]);
    });

    it('is refused when too many wait already, and let in when one is over', async () => {
      const { bob } = await service.pair();
      const waits = Array.from({ length: 4 }, () => waiting(bob, { after: 1 }));
      await expect(waiting(bob, { after: 1 }).result).rejects.toMatchObject({
        code: 'too_many_waits',
        retryable: true,
      });
      waits[0]!.state.stop();
      await waits[0]!.result;
      const next = waiting(bob, { after: 1 });
      await settled();
      expect(next.state.over).toBe(false);
    });

    it('is answered when the service goes down, and so is every later one', async () => {
      const { bob } = await service.pair();
      const wait = waiting(bob, { after: 1 });
      await settled();
      expect(service.notifications.draining).toBe(false);
      service.notifications.drain();

      expect((await wait.result).entries).toEqual([]);
      expect((await waiting(bob, { after: 1 }).result).entries).toEqual([]);
      expect(names(await waiting(bob, { after: 0 }).result)).toEqual(['chatroom.found']);
      expect(service.notifications.draining).toBe(true);
    });

    it('passes on that somebody is unknown', async () => {
      await expect(waiting('nobody').result).rejects.toMatchObject({ code: 'participant_not_found' });
    });

    it('returns fifty events at most, the rest with the next', async () => {
      service.close();
      service = new FakeService({ MESSAGE_RATE_COUNT: '0' });
      const { ann, bob, roomId } = await service.pair();
      for (let i = 0; i < 60; i++) await say(ann, roomId);
      const first = await waiting(bob, { after: 1 }).result;
      expect([first.entries.length, first.position]).toEqual([50, 51]);
      expect((await waiting(bob, { after: first.position }).result).entries).toHaveLength(10);
    });
  });

  describe('a stream', () => {
    it('hears each event once, from the position it was opened at', async () => {
      const { ann, bob, roomId } = await service.pair();
      const [fromStart, fromNow] = [new Ear(), new Ear()];
      service.notifications.listen(bob, 0, fromStart);
      service.notifications.listen(bob, 1, fromNow);
      await say(ann, roomId);
      await settled();
      expect(fromStart.heard).toEqual(['chatroom.found', 'message.received']);
      expect(fromNow.heard).toEqual(['message.received']);
    });

    it('hears what is live only while it is open', async () => {
      const { ann, bob, roomId } = await service.pair();
      const ear = new Ear();
      await service.rooms.setTyping(ann, roomId, true);
      const close = service.notifications.listen(bob, 1, ear);
      await settled();
      await service.rooms.setTyping(ann, roomId, true);
      await settled();
      close();
      await service.rooms.setTyping(ann, roomId, false);
      await say(ann, roomId);
      await settled();
      expect(ear.heard).toEqual(['partner.typing']);
    });

    it('is not harmed by another that breaks', async () => {
      const { ann, bob, roomId } = await service.pair();
      const good = new Ear();
      const failed = jest.fn();
      const breaking = () => {
        throw new Error('boo');
      };
      service.notifications.listen(bob, 1, { event: breaking, live: breaking, drained: good.drained, failed });
      service.notifications.listen(bob, 1, good);
      const wait = waiting(bob, { after: 1 });
      await settled();
      await say(ann, roomId);
      await settled();
      expect(good.heard).toEqual(['message.received']);
      expect(names(await wait.result)).toEqual(['message.received']);
      expect(failed).toHaveBeenCalledTimes(1);
    });

    it('is refused when too many are open, until one is closed', () => {
      const ann = service.person('Ann');
      const closes = Array.from({ length: 8 }, () => service.notifications.listen(ann, 0, new Ear()));
      expect(service.notifications.streams(ann)).toBe(8);
      expect(() => service.notifications.listen(ann, 0, new Ear())).toThrow(/^Limit reached: 8 streams/);
      closes[0]!();
      closes[0]!();
      expect(service.notifications.streams(ann)).toBe(7);
      service.notifications.listen(ann, 0, new Ear());
      expect(service.notifications.streams(service.person('Bob'))).toBe(0);
    });

    it('keeps its participant present, and so does a wait; without either the partner is told', async () => {
      const { ann, bob, roomId } = await service.pair();
      const ear = new Ear();
      const close = service.notifications.listen(ann, 1, ear);
      const wait = waiting(bob, { after: 1 });
      for (let s = 0; s < 300; s += 10) {
        service.clock.advance(10_000);
        await service.notifications.renewListening();
        await service.notifications.upkeep();
      }
      expect((await service.rooms.room(ann, roomId)).members).toHaveLength(2);

      close();
      for (let s = 0; s < 150; s += 10) {
        service.clock.advance(10_000);
        await service.notifications.renewListening();
        await service.notifications.upkeep();
      }
      expect(names(await wait.result)).toContain('partner.disconnected');
      expect(ear.heard).toEqual([]);
    });
  });

  it('publishes to observers what was committed, in order', async () => {
    const events: DomainEvent[] = [];
    service.notifications.events.subscribe((event) => events.push(event));
    const { ann, bob, roomId } = await service.pair();
    await say(bob, roomId);
    await service.rooms.leave(bob, roomId);
    const seen = events.map((event) => event.kind === 'logged' && [event.participantId, event.entry.body.name]);
    expect(seen.slice(0, 2).map(String).sort()).toEqual([`${ann},chatroom.found`, `${bob},chatroom.found`]);
    expect(seen.slice(2)).toEqual([
      [ann, 'message.received'],
      [ann, 'partner.disconnected'],
      [ann, 'room.closed'],
    ]);
  });

  it('does upkeep every second, and goes on after one that failed', async () => {
    const expire = jest.spyOn(service.state, 'expire');
    expire.mockImplementationOnce(() => {
      throw new Error('store down');
    });
    jest.advanceTimersByTime(3_000);
    await settled();
    expect(expire).toHaveBeenCalledTimes(3);
    service.close();
    jest.advanceTimersByTime(3_000);
    expect(expire).toHaveBeenCalledTimes(3);
  });

  it('gives the newest events', async () => {
    const { ann, bob, roomId } = await service.pair();
    for (const text of ['1', '2', '3']) await say(ann, roomId, text);
    const recent = await service.notifications.recent(bob, 4, 2);
    expect(recent.entries.map(({ seq }) => seq)).toEqual([3, 4]);
  });

  describe('what comes from elsewhere', () => {
    /** A state that others share; `elsewhere` is what they tell. */
    function share(): { elsewhere: Elsewhere; told: string[] } {
      const told: string[] = [];
      let elsewhere: Elsewhere | undefined;
      const sharing: Sharing = {
        instances: new MemoryInstanceRegistry(service.clock),
        webhooks: new MemoryWebhookStore(),
        figures: new MemoryFigureLog(),
        cases: new MemoryCaseStore(1),
        audit: new MemoryAuditLog(1),
        watches: new MemoryWatchList(),
        reachable: true,
        leads: false,
        clock: service.clock,
        listen: (given) => void (elsewhere = given),
        live: (participantId, name) => told.push(`${participantId} ${name}`),
      };
      Object.assign(service.state, { sharing });
      void service.notifications.onModuleInit();
      return { elsewhere: elsewhere!, told };
    }

    it('reaches streams and waits, and is not published a second time', async () => {
      const { elsewhere } = share();
      const { ann, bob, roomId } = await service.pair();
      const [ear, published] = [new Ear(), [] as DomainEvent[]];
      service.notifications.listen(bob, 1, ear);
      const wait = waiting(bob, { after: 1 });
      await settled();
      service.notifications.events.subscribe((event) => published.push(event));
      const message = { participantId: ann, roomId, messageId: 'm', text: 'hello' };
      elsewhere.appended(service.state.post(message, service.clock.now()).appended);

      expect(names(await wait.result)).toEqual(['message.received']);
      expect([ear.heard, published]).toEqual([['message.received'], []]);
    });

    it('is looked up in the log when something may have been missed', async () => {
      const { elsewhere } = share();
      const { ann, bob, roomId } = await service.pair();
      const ear = new Ear();
      service.notifications.listen(bob, 1, ear);
      const [wait, other] = [waiting(bob, { after: 1 }), waiting(ann, { after: 1 })];
      await settled();
      service.state.post({ participantId: ann, roomId, messageId: 'm', text: 'hello' }, service.clock.now());
      elsewhere.missed();
      await settled();

      expect(names(await wait.result)).toEqual(['message.received']);
      expect([ear.heard, other.state.over]).toEqual([['message.received'], false]);
    });

    it('includes what is live only, which goes there as well', async () => {
      const { elsewhere, told } = share();
      const { ann, bob, roomId } = await service.pair();
      const ear = new Ear();
      service.notifications.listen(bob, 1, ear);
      await settled();
      const data = { room_id: roomId, partner: { user_id: ann, display_name: 'Ann' }, typing: true };
      elsewhere.live(bob, 'partner.typing', data);
      expect([ear.heard, told]).toEqual([['partner.typing'], []]);
      service.notifications.live(bob, 'partner.typing', data);
      expect(told).toEqual([`${bob} partner.typing`]);
    });
  });
});
