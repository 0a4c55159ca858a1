import assert from 'node:assert/strict';
import type { OutboxGroup, RecordData } from '../../ports/outbox.js';
import { LEASE_MS, OutboxScene } from './outbox-scene.js';
import type { Cases } from './cases.js';
import type { Scene } from './scene.js';

const HISTORY = { outbox: { groups: ['history'] as OutboxGroup[], records: 1_000 } };
const BOTH = { outbox: { groups: ['history', 'events'] as OutboxGroup[], records: 1_000 } };
const SMALL = { outbox: { groups: ['history', 'events'] as OutboxGroup[], records: 5 } };

/** Declares a promise about the outbox. */
type ItOutbox = (
  promise: string,
  body: (scene: Scene, outbox: OutboxScene) => Promise<void>,
  limits?: Parameters<Parameters<Cases>[0]>[2],
) => void;

export const outboxCases: Cases = (it) => {
  const itOutbox: ItOutbox = (promise, body, limits = HISTORY) =>
    it(promise, async (scene) => body(scene, new OutboxScene(scene)), limits);
  contents(itOutbox);
  reading(itOutbox);
};

function contents(it: ItOutbox): void {
  it('has what becomes of tickets that meet, and of the room they open', async (scene, outbox) => {
    const [ann, bob] = [await scene.person('Ann'), await scene.person('Bob', { principal: 'firm' })];
    const first = await scene.wait(ann, { priority: 2 });
    scene.clock.advance(4_000);
    const second = await scene.wait(bob);
    const reasons = [{ code: 'first', text: 'Both waited' }];
    const { roomId } = await scene.claim([first, second], 'default', { reasons });
    const { message } = await scene.post(ann, roomId, 'Hello\u0000 "Bob"');
    await scene.leave(bob, roomId);

    const sender = { user_id: ann, display_name: 'Ann', provenance: 'human_via_agent' };
    const newcomer = { user_id: bob, display_name: 'Bob', provenance: 'human_via_agent' };
    const { text, seq, timestamp, messageId: message_id } = message;
    assert.deepEqual(await outbox.facts(), [
      ['ticket.created', { ticket_id: first.id, pool: 'default', user_ids: [ann], priority: 2 }],
      ['ticket.created', { ticket_id: second.id, pool: 'default', user_ids: [bob], priority: 0 }],
      [
        'room.opened',
        {
          room_id: roomId,
          kind: 'match',
          name: 'default',
          capacity: 2,
          members: [
            { ...sender, principal: null, after_seq: 0 },
            { ...newcomer, principal: 'firm', after_seq: 0 },
          ],
          reasons,
          tickets: [first.id, second.id],
        },
      ],
      ['ticket.matched', { ticket_id: first.id, pool: 'default', room_id: roomId, waited_ms: 4_000 }],
      ['ticket.matched', { ticket_id: second.id, pool: 'default', room_id: roomId, waited_ms: 0 }],
      ['message.sent', { room_id: roomId, message_id, seq, sender, message: text, timestamp }],
      ['room.left', { room_id: roomId, user_id: bob, reason: 'left', last_seq: 1 }],
      ['room.closed', { room_id: roomId, reason: 'partner_left' }],
    ]);
  });

  it('has each record once, with the time of its step and a name of its own', async (scene, outbox) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const roomId = await scene.match(ann, bob);
    scene.clock.advance(1_234);
    await scene.post(ann, roomId, 'one', 'same');
    await scene.post(ann, roomId, 'one', 'same');
    await scene.post(bob, roomId, 'two');

    const records = await outbox.records();
    const sent = records.filter(({ kind }) => kind === 'message.sent');
    assert.deepEqual(
      sent.map(({ data }) => (data as RecordData['message.sent']).message),
      ['one', 'two'],
    );
    for (const { at } of sent) assert.equal(at, scene.now);
    assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
  });

  it('has named rooms, and from where on who comes may read', async (scene, outbox) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const { room } = await scene.join(ann, 'lobby', 5);
    await scene.say(ann, room.roomId, '1', '2');
    await scene.join(bob, 'lobby');
    await scene.join(bob, 'lobby');
    await scene.leave(bob, room.roomId);
    await scene.say(ann, room.roomId, '3');
    await scene.join(bob, 'lobby');

    const facts = (await outbox.facts()).filter(([kind]) => kind !== 'message.sent');
    const member = (user_id: string, display_name: string, after_seq: number) => {
      return { user_id, display_name, provenance: 'human_via_agent', principal: null, after_seq };
    };
    const room_id = room.roomId;
    const members = [member(ann, 'Ann', 0)];
    assert.deepEqual(facts, [
      ['room.opened', { room_id, kind: 'named', name: 'lobby', capacity: 5, members, reasons: [], tickets: [] }],
      ['room.joined', { room_id, member: member(bob, 'Bob', 2), reasons: [] }],
      ['room.left', { room_id, user_id: bob, reason: 'left', last_seq: 2 }],
      ['room.joined', { room_id, member: member(bob, 'Bob', 2), reasons: [] }],
    ]);
  });

  it('has who comes to a free seat of an open room, and why', async (scene, outbox) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const roomId = await scene.matchOpen(ann, bob, cid);
    await scene.leave(cid, roomId);
    const seat = [...(await scene.view('default', 3)).tickets()].find((ticket) => ticket.roomId === roomId)!;
    const ticket = await scene.wait(dan, { groupSize: 3 });
    const before = (await outbox.records()).length;
    const reasons = [{ code: 'seat', text: 'A seat was free' }];
    assert.ok((await scene.claim([seat, ticket], 'default', { reasons })).commit);

    const named = { display_name: 'Dan', provenance: 'human_via_agent', principal: null, after_seq: 0 };
    assert.deepEqual((await outbox.facts()).slice(before), [
      ['room.joined', { room_id: roomId, member: { user_id: dan, ...named }, reasons }],
      ['ticket.matched', { ticket_id: ticket.id, pool: 'default', room_id: roomId, waited_ms: 0 }],
    ]);
  });

  it('says of a ticket that it was cancelled or why it has expired, once', async (scene, outbox) => {
    const [ann, bob, cid, dan] = (await scene.people('Ann', 'Bob', 'Cid', 'Dan')) as [string, string, string, string];
    const cancelled = await scene.wait(ann);
    const overdue = await scene.wait(bob, {}, { ttlMs: 5_000 });
    await scene.store.cancel(ann, undefined, scene.now);
    await scene.pass(10_000);
    const left = await scene.wait(cid);
    const roomId = await scene.match(ann, dan);
    const party = { name: 'friends', size: 2 };
    await scene.enqueue(ann, { groupSize: 3 }, { party });
    const broken = await scene.wait(dan, { groupSize: 3 }, { party });
    await scene.store.block(ann, roomId, dan, scene.now);
    await scene.pass(91_000);
    await scene.pass(31_000);

    const ends = (await outbox.ends()).filter(([kind]) => kind !== 'ticket.matched');
    assert.deepEqual(ends, [
      ['ticket.cancelled', cancelled.id, undefined],
      ['ticket.expired', overdue.id, 'ticket_ttl'],
      ['ticket.expired', broken.id, 'party_broken'],
      ['ticket.expired', left.id, 'timeout'],
    ]);
    const facts = await outbox.facts();
    assert.deepEqual(
      facts.filter(([kind]) => kind === 'room.closed').map(([, data]) => data),
      [{ room_id: roomId, reason: 'partner_timeout' }],
    );
  });

  it('has a party when it is complete, and nothing of one that never was', async (scene, outbox) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const party = { name: 'friends', size: 2 };
    await scene.enqueue(cid, { groupSize: 3 }, { party: { name: 'others', size: 2 }, ttlMs: 1_000 });
    await scene.enqueue(ann, { groupSize: 3 }, { party });
    await scene.pass(5_000);
    assert.deepEqual(await outbox.facts(), []);
    const { id: ticket_id } = await scene.wait(bob, { groupSize: 3, priority: 4 }, { party });

    assert.deepEqual(await outbox.facts(), [
      ['ticket.created', { ticket_id, pool: 'default', user_ids: [ann, bob], priority: 4 }],
    ]);
  });

  it('has a match by offer when everybody has accepted, and no ticket ended before', async (scene, outbox) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const tickets = [await scene.wait(ann), await scene.wait(bob)];
    const { roomId } = await scene.offer(tickets);
    await scene.respond(ann, true);
    assert.equal((await outbox.records()).length, 2);
    await scene.respond(bob, true);

    assert.deepEqual(
      (await outbox.facts()).map(([kind]) => kind),
      ['ticket.created', 'ticket.created', 'room.opened', 'ticket.matched', 'ticket.matched'],
    );
    assert.deepEqual(
      await outbox.ends(),
      tickets.map(({ id }) => ['ticket.matched', id, roomId]),
    );
  });

  it('has the end of a ticket whose offer was declined or let lapse, unless it waits on', async (scene, outbox) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const [first, second] = [await scene.wait(ann), await scene.wait(bob)];
    await scene.offer([first, second]);
    await scene.respond(bob, false);
    const third = await scene.wait(cid);
    const [waiting] = await scene.statuses(ann);
    await scene.offer([waiting!.ticket, third]);
    await scene.respond(cid, true);
    await scene.pass(31_000);
    const [requeued] = await scene.statuses(cid);
    const fourth = await scene.wait(bob);
    await scene.offer([requeued!.ticket, fourth], { decliner: 'requeue' });
    await scene.respond(bob, false);

    assert.deepEqual(await outbox.ends(), [
      ['ticket.cancelled', second.id, undefined],
      ['ticket.cancelled', first.id, undefined],
    ]);
  });

  it('has the reason why a ticket ended that was offered a match', async (scene, outbox) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const [first, second] = [await scene.wait(ann), await scene.wait(bob)];
    await scene.offer([first, second], { expiresAt: scene.now + 600_000 });
    await scene.pass(91_000);
    await scene.store.renew([ann], scene.now);
    await scene.pass(31_000);

    assert.deepEqual(await outbox.ends(), [['ticket.expired', second.id, 'timeout']]);
  });

  it('has nothing of a step that is refused', async (scene, outbox) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const roomId = await scene.match(ann, bob);
    const before = (await outbox.records()).length;
    await assert.rejects(async () => scene.post(await scene.person('Eve'), roomId, 'let me in'));
    assert.equal((await outbox.records()).length, before);
  });
}

function reading(it: ItOutbox): void {
  it(
    'is empty where nobody reads it',
    async (scene, outbox) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      await scene.say(ann, await scene.match(ann, bob), 'hello');
      assert.equal(await outbox.take(), undefined);
      assert.deepEqual(await outbox.state(), { pending: 0, oldestAt: null, lost: 0 });
      assert.equal(await outbox.acknowledge('1'), false);
    },
    {},
  );

  it('hands out in order, one batch at a time, and goes on behind what is acknowledged', async (_, outbox) => {
    await outbox.fill(5);
    const first = (await outbox.take('here', 2))!;
    assert.deepEqual(outbox.names(first.records), ['1', '2']);
    assert.equal(await outbox.take('there'), undefined);
    assert.equal(await outbox.take('here'), undefined);
    assert.equal(await outbox.acknowledge(first.receipt, 'here'), true);
    assert.equal(await outbox.acknowledge(first.receipt, 'here'), false);
    const second = (await outbox.take('there', 10))!;
    assert.deepEqual(outbox.names(second.records), ['3', '4', '5']);
    await outbox.acknowledge(second.receipt, 'there');
    assert.equal(await outbox.take(), undefined);
    await outbox.fill(1);
    assert.deepEqual(outbox.names((await outbox.take())!.records), ['1']);
  });

  it('hands out the same again when a lease is over, and takes no late acknowledgement', async (scene, outbox) => {
    await outbox.fill(3);
    const first = (await outbox.take('here', 2))!;
    scene.clock.advance(LEASE_MS - 1);
    assert.equal(await outbox.take('there'), undefined);
    scene.clock.advance(1);
    const second = (await outbox.take('there', 2))!;
    assert.deepEqual(second.records, first.records);
    assert.equal(await outbox.acknowledge(first.receipt, 'here'), false);
    await outbox.release(first.receipt, 'here');
    assert.equal(await outbox.take('here'), undefined, 'the batch is still out');
    assert.equal(await outbox.acknowledge(second.receipt, 'there'), true);
    assert.deepEqual(outbox.names((await outbox.take())!.records), ['3']);
  });

  it('takes an acknowledgement after the lease when nobody else has taken the records', async (scene, outbox) => {
    await outbox.fill(2);
    const { receipt } = (await outbox.take('here', 1))!;
    scene.clock.advance(LEASE_MS * 2);
    assert.equal(await outbox.acknowledge(receipt, 'here'), true);
    assert.deepEqual(outbox.names((await outbox.take())!.records), ['2']);
  });

  it('hands out at once what was given back', async (_, outbox) => {
    await outbox.fill(2);
    const first = (await outbox.take('here'))!;
    await outbox.release(first.receipt, 'here');
    assert.deepEqual((await outbox.take('there'))!.records, first.records);
  });

  it(
    'keeps a position for each reader, and none holds up another',
    async (_, outbox) => {
      await outbox.fill(3);
      const history = (await outbox.take('here', 2, 'history'))!;
      const events = (await outbox.take('here', 10, 'events'))!;
      assert.deepEqual(events.records.slice(0, 2), history.records);
      assert.equal(await outbox.acknowledge(history.receipt, 'here', 'events'), false);
      assert.equal(await outbox.acknowledge(events.receipt, 'here', 'events'), true);
      await outbox.release(history.receipt, 'here', 'history');
      assert.deepEqual(outbox.names((await outbox.take('here', 10, 'history'))!.records), ['1', '2', '3']);
      assert.deepEqual(await outbox.state('events'), { pending: 0, oldestAt: null, lost: 0 });
    },
    BOTH,
  );

  it('says how far a reader is behind', async (scene, outbox) => {
    assert.deepEqual(await outbox.state(), { pending: 0, oldestAt: null, lost: 0 });
    const start = scene.now;
    await outbox.fill(3, 1_000);
    assert.deepEqual(await outbox.state(), { pending: 3, oldestAt: start, lost: 0 });
    const { receipt } = (await outbox.take('here', 2))!;
    assert.deepEqual(await outbox.state(), { pending: 3, oldestAt: start, lost: 0 }, 'handed out is not acknowledged');
    await outbox.acknowledge(receipt);
    assert.deepEqual(await outbox.state(), { pending: 1, oldestAt: start + 2_000, lost: 0 });
  });

  it(
    'drops the oldest when it is full, and counts what a reader has lost by it',
    async (_, outbox) => {
      await outbox.fill(4);
      const early = (await outbox.take('here', 2, 'events'))!;
      await outbox.acknowledge(early.receipt, 'here', 'events');
      await outbox.fill(4, 0, 5);
      assert.deepEqual([(await outbox.state('history')).lost, (await outbox.state('events')).lost], [3, 1]);
      assert.equal((await outbox.state('history')).pending, 5);
      const history = (await outbox.take('here', 3, 'history'))!;
      assert.deepEqual(outbox.names(history.records), ['4', '5', '6']);
      await outbox.acknowledge(history.receipt, 'here', 'history');
      const events = (await outbox.take('here', 10, 'events'))!;
      assert.deepEqual(outbox.names(events.records), ['4', '5', '6', '7', '8']);
      await outbox.acknowledge(events.receipt, 'here', 'events');
      assert.deepEqual([(await outbox.state('history')).lost, (await outbox.state('events')).lost], [3, 1]);
      assert.deepEqual(outbox.names((await outbox.take('here', 10, 'history'))!.records), ['7', '8']);
    },
    SMALL,
  );

  it(
    'loses nothing that was out when it was dropped and is acknowledged',
    async (scene, outbox) => {
      await outbox.fill(5);
      const batch = (await outbox.take('here', 3, 'history'))!;
      await outbox.fill(3, 0, 6);
      assert.equal((await outbox.state('history')).lost, 0);
      assert.equal(await outbox.acknowledge(batch.receipt, 'here', 'history'), true);
      const next = (await outbox.take('here', 3, 'history'))!;
      assert.deepEqual(outbox.names(next.records), ['4', '5', '6']);
      await outbox.fill(2, 0, 9);
      scene.clock.advance(LEASE_MS);
      assert.deepEqual(outbox.names((await outbox.take('here', 3, 'history'))!.records), ['6', '7', '8']);
      assert.equal((await outbox.state('history')).lost, 2, 'those that have to be handed out again are gone');
    },
    SMALL,
  );
}
