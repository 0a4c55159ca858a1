import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.js';
import { stateLimits, ticketOf } from '../../src/testing/index.js';

const NOW = 1_000_000;

describe('what MemoryStateStore keeps', () => {
  let store: MemoryStateStore;
  beforeEach(() => {
    store = new MemoryStateStore(stateLimits({ roomsPerParticipant: 0 }));
  });

  function person(id: string): string {
    const rest = { principal: null, displayName: id, provenance: 'human' as const, attributes: {} };
    store.createParticipant({ id, logId: id.padStart(22, '0'), tokenDigest: null, ...rest }, NOW);
    return id;
  }

  const join = (participantId: string, name = 'lobby') =>
    store.join({ participantId, name, capacity: 50, roomId: `room-${name}` }, NOW).room.roomId;

  const passThrough = (id: string) => store.leave(id, join(id), NOW);

  const post = (participantId: string, roomId: string, text: string, clientMessageId?: string) =>
    store.post({ participantId, roomId, messageId: text, text, clientMessageId }, NOW);

  const unknownTo = (id: string) => {
    try {
      store.messages(id, 'room-lobby', { limit: 1 }, NOW);
      return false;
    } catch {
      return true;
    }
  };

  it('is a thousand members of a room, those who left longest ago forgotten first', () => {
    join(person('host'));
    for (let i = 0; i < 999; i++) passThrough(person(`p${i}`));
    passThrough('p0');
    for (let i = 999; i < 1_002; i++) passThrough(person(`p${i}`));

    expect(['p0', 'p1', 'p2', 'p3', 'p4', 'p1001', 'host'].map(unknownTo)).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('is a thousand blocks of a participant, the newest', () => {
    const host = person('host');
    const roomId = join(host);
    for (let i = 0; i < 1_001; i++) {
      join(person(`p${i}`));
      store.leave(`p${i}`, roomId, NOW);
      store.block(host, roomId, `p${i}`, NOW);
    }
    const { blocked } = store.waiting(ticketOf(host)).relations(host);
    expect([blocked.size, blocked.has('p0'), blocked.has('p1'), blocked.has('p1000')]).toEqual([
      1_000,
      false,
      true,
      true,
    ]);
  });

  it('is the hundred a participant has met last', () => {
    const host = person('host');
    const meet = (id: string, now: number) => {
      const tickets = [host, id].map((one) => ticketOf(one, { id: `t-${one}-${now}`, enqueuedAt: now }));
      for (const ticket of tickets) store.enqueue({ ticket, ttlMs: 0, roomsPerPool: 0 }, now);
      store.claim({ pool: 'default', roomId: `room-${now}`, groups: [{ tickets, reasons: [] }] }, now);
      store.leave(id, `room-${now}`, now);
    };
    for (let i = 0; i < 100; i++) meet(person(`p${i}`), NOW + i);
    meet('p0', NOW + 100);
    meet(person('p100'), NOW + 101);

    const { met } = store.waiting(ticketOf(host)).relations(host);
    expect([met.size, met.get('p0'), met.get('p1'), met.get('p2'), met.get('p100')]).toEqual([
      100,
      NOW + 100,
      undefined,
      NOW + 2,
      NOW + 101,
    ]);
  });

  it('is the hundred a ticket avoids, the last', () => {
    const host = person('host');
    store.enqueue({ ticket: ticketOf(host), ttlMs: 0, roomsPerPool: 0 }, NOW);
    const own = () => store.tickets(host, NOW).tickets[0]!.ticket;
    for (let i = 0; i <= 100; i++) {
      const ticket = ticketOf(person(`p${i}`));
      store.enqueue({ ticket, ttlMs: 0, roomsPerPool: 0 }, NOW);
      const groups = [{ tickets: [own(), ticket], reasons: [] }];
      const offered = { pool: 'default', roomId: 'room', offerId: `o${i}`, groups };
      store.offer({ ...offered, expiresAt: NOW + 1, decliner: 'remove' }, NOW);
      store.respond({ participantId: `p${i}`, accept: false }, NOW);
    }
    const { avoid } = own();
    expect([avoid.length, avoid[0], avoid.at(-1)]).toEqual([100, 'p1', 'p100']);
  });

  it('is the queues of the sizes somebody waits for, and a few more for their recent matches', () => {
    const ann = person('ann');
    for (let minimum = 2; minimum <= 16; minimum++) {
      for (let maximum = minimum; maximum <= 16; maximum++) {
        const group = { minimum, maximum, multiple: 1, patienceMs: 0 };
        const ticket = ticketOf(ann, { id: `t-${minimum}-${maximum}`, group });
        store.enqueue({ ticket, ttlMs: 0, roomsPerPool: 0 }, NOW);
        store.cancel(ann, undefined, NOW);
      }
    }
    expect(store.sizes().queues).toBeLessThanOrEqual(32);
    expect(store.sizes()).toMatchObject({ tickets: 0, gathering: 0, offers: 0, wakes: 0, ticketTtls: 0 });
  });

  it('is the newest client_message_ids, a thousand for each place in a room', () => {
    const [ann, bob] = [person('ann'), person('bob')];
    const tickets = [ticketOf(ann), ticketOf(bob)];
    for (const waiting of tickets) store.enqueue({ ticket: waiting, ttlMs: 0, roomsPerPool: 0 }, NOW);
    store.claim({ pool: 'default', roomId: 'room', groups: [{ tickets, reasons: [] }] }, NOW);
    for (let i = 0; i < 2_001; i++) post(ann, 'room', `${i}`, `m${i}`);

    expect(post(ann, 'room', 'again', 'm1').duplicate).toBe(true);
    expect(post(ann, 'room', 'again', 'm2000').duplicate).toBe(true);
    expect(post(ann, 'room', 'again', 'm0').duplicate).toBe(false);
  });

  it('is the read positions of a thousand rooms, the newest', () => {
    const [ann, bob] = [person('ann'), person('bob')];
    const rooms = ['old', 'new'].map((name) => {
      join(ann, name);
      const roomId = join(bob, name);
      post(bob, roomId, 'hello');
      return roomId;
    });
    const unheard = (roomId: string) => store.readEvents(ann, { roomId, limit: 10 }, NOW).entries.length;
    const hear = (roomId: string) =>
      store.acknowledge(ann, store.readEvents(ann, { roomId, limit: 10 }, NOW).position, roomId);

    hear(rooms[0]!);
    for (let i = 0; i < 999; i++) hear(`elsewhere ${i}`);
    expect(unheard(rooms[0]!)).toBe(0);
    hear(rooms[1]!);
    expect(rooms.map(unheard)).toEqual([2, 0]);
  });
});
