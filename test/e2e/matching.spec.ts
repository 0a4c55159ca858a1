import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../src/testing/fake-clock.js';
import type { MatchContext, MatchingStrategy, Proposal, Rejection, Ticket } from '../../src/index.js';
import { ERAS, type TestClient } from '../support/clients.js';
import { useParley } from '../support/parley.js';

const POOLS = JSON.stringify([
  { name: 'mentors', max_group_size: 2 },
  { name: 'trios', min_group_size: 3, max_group_size: 4 },
]);

describe.each(ERAS)('the queue in $era', ({ connect }) => {
  const parley = useParley();
  const newClients = (count: number): Promise<TestClient[]> =>
    Promise.all(Array.from({ length: count }, () => parley.client<TestClient>(connect)));

  it('matches an arrival with the one who has waited longest, as far as they want the same', async () => {
    await parley.start();
    const [trio, first, second, third] = await newClients(4);
    await trio!.enter({ display_name: 'Trio', group_size: 3 });
    await first!.enter({ display_name: 'First' });
    const matched = await second!.enter({ display_name: 'Second' });
    expect(matched).toMatchObject({ status: 'matched', partner: { display_name: 'First' } });
    expect(await third!.enter({ display_name: 'Third' })).toMatchObject({ status: 'waiting', position: 1 });
    expect((await trio!.ok('get_status')).tickets).toMatchObject([{ group_size: 3, position: 1, queue_length: 1 }]);
  });

  it('makes a group of three when the third has come, and not before', async () => {
    await parley.start();
    const [ann, ben, carl] = await newClients(3);
    const group_size = 3;
    expect(await ann!.enter({ display_name: 'Ann', group_size })).toMatchObject({ status: 'waiting', position: 1 });
    expect(await ben!.enter({ display_name: 'Ben', group_size })).toMatchObject({
      status: 'waiting',
      position: 2,
      queue_length: 2,
    });
    const found = await carl!.enter({ display_name: 'Carl', group_size });
    expect(found.status).toBe('matched');
    expect(found.partners.map(({ display_name }) => display_name).sort()).toEqual(['Ann', 'Ben']);
    const trio = [ann!, ben!, carl!];
    for (const client of trio) {
      const { params } = await client.hears('chatroom.found');
      expect(params).toMatchObject({ room_id: found.room_id });
      expect((params['partners'] as { user_id: string }[]).map(({ user_id }) => user_id).sort()).toEqual(
        trio
          .filter((other) => other !== client)
          .map(({ userId }) => userId)
          .sort(),
      );
    }

    await ann!.say(found.room_id, 'hello both');
    await Promise.all([ben!.hearsMessage('hello both'), carl!.hearsMessage('hello both')]);
    expect(ann!.messagesHeard).toEqual([]);

    await ann!.ok('leave_chat', { room_id: found.room_id });
    for (const client of [ben!, carl!]) {
      expect((await client.hears('partner.disconnected')).params).toMatchObject({ reason: 'left', room_active: true });
    }
    await ben!.say(found.room_id, 'the two of us');
    await carl!.hearsMessage('the two of us');
    await ben!.ok('leave_chat', { room_id: found.room_id });
    expect((await carl!.hears('partner.disconnected', 2)).params).toMatchObject({ room_active: false });
    expect((await carl!.hears('room.closed')).params).toEqual({ room_id: found.room_id, reason: 'partner_left' });
    expect(ben!.all('room.closed')).toEqual([]);
  });

  it.each([
    { who: 'the blocker arrives second', blockerFirst: false },
    { who: 'the blocked arrives second', blockerFirst: true },
  ])('keeps two apart when $who, and matches each with somebody else', async ({ blockerFirst }) => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    expect(
      await ann.ok('block_participant', { room_id: roomId, user_id: ben.userId, reason: 'no more of this' }),
    ).toEqual({ success: true });
    await ann.ok('leave_chat', { room_id: roomId });
    await ben.hears('room.closed');
    const [earlier, later] = blockerFirst ? [ann, ben] : [ben, ann];
    expect(await earlier.become('enter_queue')).toMatchObject({ status: 'waiting', position: 1 });
    expect(await later.become('enter_queue')).toMatchObject({ status: 'waiting', position: 2, queue_length: 2 });
    expect((await later.ok('get_status')).tickets[0]!.reasons).toEqual([
      { code: 'not_compatible', text: '1 candidate not compatible' },
      { code: 'too_few_waiting', text: 'Waiting for 1 more participant to arrive' },
    ]);
    const [carl, dora] = await newClients(2);
    expect((await carl!.enter({ display_name: 'Carl' })).partner.user_id).toBe(earlier.userId);
    expect((await dora!.enter({ display_name: 'Dora' })).partner.user_id).toBe(later.userId);
    // The blocked one is never told.
    expect(JSON.stringify(ben.heard)).not.toContain('block');
  });

  it('leaves out whoever is blocked when it makes a larger group', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    await ben.ok('block_participant', { room_id: roomId, user_id: ann.userId });
    await ben.ok('leave_chat', { room_id: roomId });
    await ann.become('enter_queue', { group_size: 3 });
    await ben.become('enter_queue', { group_size: 3 });
    const [carl, dora] = await newClients(2);
    expect((await carl!.enter({ group_size: 3 })).status).toBe('waiting');
    const { status, partners } = await dora!.enter({ group_size: 3 });
    expect(status).toBe('matched');
    expect(partners.map(({ user_id }) => user_id).sort()).toEqual([ann.userId, carl!.userId].sort());
    expect((await ben.ok('get_status')).tickets).toMatchObject([{ position: 1, queue_length: 1 }]);
  });

  it('keeps pools apart, each with its own group sizes', async () => {
    await parley.start({ environment: { POOLS } });
    const [ann, ben, carl] = await newClients(3);
    expect(await ann!.enter({ pool: 'mentors' })).toMatchObject({ status: 'waiting', position: 1 });
    expect(await ben!.enter()).toMatchObject({ status: 'waiting', position: 1, queue_length: 1 });
    expect(await carl!.enter({ pool: 'mentors', group_size: 2 })).toMatchObject({
      status: 'matched',
      partner: { user_id: ann!.userId },
    });
    expect((await ann!.hears('chatroom.found')).params).toMatchObject({ pool: 'mentors' });
    expect((await carl!.ok('get_status')).rooms).toMatchObject([{ pool: 'mentors', unread: 0 }]);
    expect(await ben!.refused('enter_queue', { pool: 'mentors', group_size: 3 })).toMatchObject({
      error: 'group_size 3 is not possible in pool "mentors"',
      hint: 'Use a group_size from 2 to 2.',
    });
    // A pool's smallest group is what an arrival gets that does not say.
    await ben!.become('enter_queue', { pool: 'trios' });
    expect((await ben!.ok('get_status')).tickets).toMatchObject([
      { pool: 'default', group_size: 2 },
      { pool: 'trios', group_size: 3 },
    ]);
    expect(await ben!.refused('enter_queue', { pool: 'poets' })).toMatchObject({
      error: 'Unknown pool "poets"',
      code: 'unknown_pool',
      hint: 'Use one of: default, mentors, trios.',
    });
  });

  it('says already_waiting, with the same ticket, to one who enters again', async () => {
    await parley.start();
    const [ann] = await newClients(1);
    const { ticket_id } = await ann!.enter();
    const { facts, text } = await ann!.call('enter_queue');
    expect(facts).toMatchObject({ status: 'already_waiting', ticket_id, position: 1, user_id: ann!.userId });
    expect(text).toMatch(/^Already waiting at position 1 of 1/);
  });

  it('says already_in_chat, with the room, to one who is matched already', async () => {
    await parley.start();
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    const { facts, text } = await ann.call('enter_queue');
    expect(facts).toMatchObject({
      status: 'already_in_chat',
      room_id: roomId,
      partner: { user_id: ben.userId, display_name: 'Ben' },
      partners: [{ user_id: ben.userId }],
    });
    expect(text).toContain(`You are already in a chat with "Ben" in room ${roomId}`);
  });

  it('lets go of one who leaves it', async () => {
    await parley.start({ environment: { POOLS } });
    const [ann, ben] = await newClients(2);
    await ann!.enter();
    await ann!.ok('enter_queue', { pool: 'mentors' });
    expect(await ann!.ok('leave_queue', { pool: 'default' })).toEqual({ success: true, pools: ['default'] });
    expect((await ben!.enter()).status).toBe('waiting');
    expect(await ann!.ok('leave_queue')).toEqual({ success: true, pools: ['mentors'] });
    expect(await ann!.ok('leave_queue')).toEqual({ success: true, pools: [] });
    expect((await ann!.ok('get_status')).tickets).toEqual([]);
  });

  it('tells where one stands and why, an honest estimate, and pushes new positions', async () => {
    const clock = new FakeClock();
    await parley.start({ clock, environment: { POOLS } });
    const [ann, ben] = await newClients(2);
    await ann!.enter({ pool: 'trios' });
    const { ticket_id } = await ben!.enter({ pool: 'trios' });
    clock.advance(5_000);
    const { facts, text } = await ben!.call('get_status');
    expect(facts).toEqual({
      user_id: ben!.userId,
      display_name: 'Anonymous',
      tickets: [
        {
          ticket_id,
          pool: 'trios',
          group_size: 3,
          position: 2,
          queue_length: 2,
          estimated_wait_seconds: null,
          enqueued_at: '2026-01-01T12:00:00.000Z',
          reasons: [{ code: 'too_few_waiting', text: 'Waiting for 1 more participant to arrive' }],
        },
      ],
      rooms: [],
      cursor: ben!.cursor,
    });
    expect(text).toContain('Waiting in pool trios at position 2 of 2: Waiting for 1 more participant to arrive.');
    await ann!.ok('leave_queue');
    const { params, meta } = await ben!.hears('queue.updated');
    expect(params).toEqual({ ticket_id, pool: 'trios', position: 1, queue_length: 1 });
    expect(meta).not.toHaveProperty('io.github.mcp-parley/event');
  });

  it('estimates the wait from recent matches', async () => {
    const clock = new FakeClock();
    await parley.start({ clock });
    const [host, guest, ann] = await newClients(3);
    for (let round = 0; round < 4; round++) {
      const { roomId } = await parley.match(host!, guest!);
      await host!.ok('leave_chat', { room_id: roomId });
      clock.advance(60_000);
    }
    expect((await ann!.enter()).estimated_wait_seconds).toBe(60);
  });

  it('expires a ticket after its time and says so', async () => {
    const clock = new FakeClock();
    await parley.start({ clock, environment: { TICKET_TTL_SECONDS: 60 } });
    const [ann, ben] = await newClients(2);
    const { ticket_id } = await ann!.enter();
    clock.advance(59_000);
    await parley.server.upkeep();
    expect((await ann!.ok('get_status')).tickets).toHaveLength(1);
    clock.advance(2_000);
    await parley.server.upkeep();
    const { params, event } = await ann!.hears('queue.expired');
    expect(params).toEqual({ ticket_id, pool: 'default', reason: 'ticket_ttl' });
    expect((await ann!.ok('wait_for_message', { timeout_seconds: 0 })).events).toEqual([{ ...event, data: params }]);
    expect((await ann!.ok('get_status')).tickets).toEqual([]);
    expect((await ben!.enter()).status).toBe('waiting');
  });

  it('answers an enter_queue whose ticket expires while it waits at once', async () => {
    const clock = new FakeClock();
    await parley.start({ clock, environment: { TICKET_TTL_SECONDS: 60 } });
    const [ann] = await newClients(1);
    const entering = ann!.become('enter_queue', { wait_seconds: 40 });
    await parley.server.waiting(1);
    clock.advance(61_000);
    await parley.server.upkeep();
    const { cursor } = await entering;
    const { events } = await ann!.ok('wait_for_message', { cursor, timeout_seconds: 0 });
    expect(events.map(({ name }) => name)).toEqual(['queue.expired']);
  });

  it('answers an enter_queue that has waited with the position of then', async () => {
    await parley.start();
    const [ann, ben] = await newClients(2);
    await ann!.enter({ group_size: 3 });
    const entering = ben!.become('enter_queue', { group_size: 3, wait_seconds: 1 });
    await parley.server.waiting(1);
    await ann!.ok('leave_queue');
    expect(await entering).toMatchObject({ status: 'waiting', position: 1, queue_length: 1 });
  });

  it('shows a partner the name, and never the attributes', async () => {
    await parley.start();
    const [ann, ben] = await newClients(2);
    await ann!.enter({ display_name: 'Ann', attributes: { language: ['de', 'en'], level: 3, shy: false } });
    const found = await ben!.enter({ display_name: 'Ben' });
    expect(found.partner).toEqual({ user_id: ann!.userId, display_name: 'Ann' });
    await ann!.ok('enter_queue', { display_name: 'Anna' });
    await ann!.say(found.room_id, 'I go by Anna now');
    expect((await ben!.hearsMessage('I go by Anna now')).params).toMatchObject({ sender: { display_name: 'Anna' } });
  });
});

/** Matches whoever speaks the same language; takes nobody who does not say which. */
class SameLanguage implements MatchingStrategy {
  readonly name = 'same-language';

  admit(ticket: Ticket): Ticket | Rejection {
    if (typeof ticket.attributes['language'] === 'string') return ticket;
    return { rejected: true, reason: { code: 'no_language', text: 'Say which language you speak' } };
  }

  *propose(context: MatchContext): Iterable<Proposal> {
    const { subject } = context;
    const { language } = subject.attributes;
    for (const other of context.waiting()) {
      if (other.id === subject.id || other.attributes['language'] !== language || !context.compatible([subject, other]))
        continue;
      yield {
        tickets: [subject.id, other.id],
        reasons: [{ code: 'language', text: `You both speak ${String(language)}` }],
      };
    }
  }

  explainWait() {
    return [{ code: 'language', text: 'Nobody who speaks your language is here' }];
  }
}

/** Proposes all that it must not, before what it may. */
class Malicious implements MatchingStrategy {
  readonly name = 'malicious';

  *propose(context: MatchContext): Iterable<Proposal> {
    const { subject } = context;
    yield { tickets: [subject.id, subject.id] };
    yield { tickets: [subject.id, 'stranger'] };
    yield { tickets: [subject.id] };
    for (const { id } of context.waiting()) if (id !== subject.id) yield { tickets: [subject.id, id] };
    throw new Error('and it throws');
  }
}

describe.each(ERAS)('a host’s own MatchingStrategy in $era', ({ connect }) => {
  const parley = useParley();
  const speaking = async (language: string) => {
    const client = await parley.client<TestClient>(connect);
    return { client, facts: await client.enter({ attributes: { language } }) };
  };

  it('decides who meets whom, why, and who may wait at all', async () => {
    await parley.start({ matching: { useClass: SameLanguage } });
    const ann = await speaking('Greek');
    const ben = await speaking('Welsh');
    expect([ann.facts.status, ben.facts.status]).toEqual(['waiting', 'waiting']);
    expect((await ben.client.ok('get_status')).tickets[0]!.reasons).toEqual([
      { code: 'language', text: 'Nobody who speaks your language is here' },
    ]);
    const carl = await speaking('Welsh');
    expect(carl.facts).toMatchObject({
      status: 'matched',
      partner: { user_id: ben.client.userId },
      reasons: [{ code: 'language', text: 'You both speak Welsh' }],
    });
    expect((await ben.client.hears('chatroom.found')).params).toMatchObject({ reasons: carl.facts.reasons });
    const silent = await parley.client<TestClient>(connect);
    expect(await silent.refused('enter_queue')).toMatchObject({
      error: 'Pool "default" refused the ticket: Say which language you speak',
      code: 'ticket_refused',
    });
  });

  it('cannot put anybody where they must not be, and harms nobody by failing', async () => {
    // Its third failure in a row suspends it.
    const environment = { POOLS: JSON.stringify([{ name: 'default', fallback: 'fifo' }]) };
    await parley.start({ matching: { useFactory: () => new Malicious() }, environment });
    const { ann, ben, roomId } = await parley.pair<TestClient>(connect);
    await ann.ok('block_participant', { room_id: roomId, user_id: ben.userId });
    await ann.ok('leave_chat', { room_id: roomId });
    expect((await ann.become('enter_queue')).status).toBe('waiting');
    expect((await ben.become('enter_queue')).status).toBe('waiting');
    const carl = await parley.client<TestClient>(connect);
    expect((await carl.become('enter_queue')).status).toBe('matched');
  });
});
