import assert from 'node:assert/strict';
import type { Cases } from './cases.js';
import { refused } from './scene.js';

export const messageCases: Cases = (it) => {
  it('numbers the messages of a room from 1 without gaps, whoever sends them', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    const other = await scene.match(ann, bob);

    const posted = [
      await scene.post(ann, room, 'a'),
      await scene.post(bob, room, 'b'),
      await scene.post(ann, other, 'elsewhere'),
      await scene.post(bob, room, 'c'),
    ];

    assert.deepEqual(
      posted.map(({ message }) => message.seq),
      [1, 2, 1, 3],
    );
    const { messages } = await scene.page(ann, room);
    assert.deepEqual(
      messages.map(({ seq, text, sender }) => [seq, text, sender.display_name]),
      [
        [1, 'a', 'Ann'],
        [2, 'b', 'Bob'],
        [3, 'c', 'Bob'],
      ],
    );
  });

  it('gives messages sent at the same time different numbers', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);

    await Promise.all(Array.from({ length: 20 }, (_, i) => scene.post(i % 2 ? ann : bob, room, `${i}`)));

    const { messages } = await scene.page(ann, room);
    assert.deepEqual(
      messages.map(({ seq }) => seq),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    assert.equal(new Set(messages.map(({ text }) => text)).size, 20);
  });

  it("puts a message once into each other member's log, and not into its sender's", async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(ann, bob, cid);

    const { message, appended, duplicate } = await scene.post(ann, room, 'hello');

    const timestamp = new Date(scene.now).toISOString();
    const sender = { user_id: ann, display_name: 'Ann', provenance: 'human_via_agent' as const };
    assert.deepEqual(message, { messageId: message.messageId, seq: 1, text: 'hello', sender, timestamp });
    assert.equal(duplicate, false);
    const expected = { room_id: room, message_id: message.messageId, seq: 1, message: 'hello', sender, timestamp };
    for (const id of [bob, cid]) assert.deepEqual(await scene.told(id, 'message.received'), [expected]);
    assert.deepEqual(await scene.told(ann, 'message.received'), []);
    assert.deepEqual(new Set(appended.map(({ participantId }) => participantId)), new Set([bob, cid]));
  });

  it('keeps the order of each room in every log', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(ann, bob, cid);
    for (let i = 1; i <= 30; i++) await scene.post([ann, bob, cid][i % 3]!, room, `${i}`);

    for (const id of [ann, bob, cid]) {
      const heard = await scene.told(id, 'message.received');
      const { messages } = await scene.page(id, room);
      const ofOthers = messages.filter(({ sender }) => sender.user_id !== id);
      assert.deepEqual(
        heard.map(({ seq, message }) => [seq, message]),
        ofOthers.map(({ seq, text }) => [seq, text]),
      );
    }
  });

  it('stores a text as it was sent and shows its unsafe characters in the event', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    const text =
      'a\u001b[31mred\u202eover\u{e0041}\r\n\tשלום 👩‍👩‍👧 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}';

    await scene.post(ann, room, text);

    assert.equal((await scene.page(bob, room)).messages[0]?.text, text);
    assert.equal(
      (await scene.told(bob, 'message.received'))[0]?.message,
      'a‹U+001B›[31mred‹U+202E›over‹U+E0041›\n\tשלום 👩‍👩‍👧 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    );
  });

  it('answers a client_message_id seen before with the first result and sends nothing', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    const first = await scene.post(ann, room, 'hello', 'm1');
    await scene.say(ann, room, 'more');

    const again = await scene.post(ann, room, 'hello', 'm1');

    assert.equal(again.duplicate, true);
    assert.deepEqual([again.message, again.appended], [first.message, []]);
    assert.equal((await scene.told(bob, 'message.received')).length, 2);
    assert.equal((await scene.page(ann, room)).messages.length, 2);
  });

  it('takes an empty client_message_id for one like any other, whatever the text', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    for (const text of ['hello', 'a\u202eb']) await scene.post(ann, room, text);

    const first = await scene.post(ann, room, 'a\u202eb', '');
    const again = await scene.post(ann, room, 'hello', '');

    assert.deepEqual([again.duplicate, again.message], [true, first.message]);
    const told = (await scene.told(bob, 'message.received')).map(({ message }) => message);
    assert.deepEqual(told, ['hello', 'a‹U+202E›b', 'a‹U+202E›b']);
  });

  it('keeps client_message_ids of different senders and rooms apart', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    const other = await scene.match(ann, bob);

    const posted = [
      await scene.post(ann, room, 'a', 'm1'),
      await scene.post(bob, room, 'b', 'm1'),
      await scene.post(ann, other, 'c', 'm1'),
    ];
    assert.deepEqual(
      posted.map(({ duplicate }) => duplicate),
      [false, false, false],
    );
  });

  it('knows what somebody has sent with a client_message_id, and tells nobody else', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    const { message } = await scene.post(ann, room, 'hello', 'm1');
    assert.deepEqual(await scene.store.sent(ann, room, 'm1'), message);
    for (const [id, where, of] of [
      [ann, room, 'm2'],
      [ann, 'nowhere', 'm1'],
      [bob, room, 'm1'],
    ] as const) {
      assert.equal(await scene.store.sent(id, where, of), undefined);
    }
  });

  it('accepts one of two sends with one client_message_id that race', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);

    const sends = await Promise.all([scene.post(ann, room, 'hello', 'm1'), scene.post(ann, room, 'hello', 'm1')]);

    assert.deepEqual(sends[0].message, sends[1].message);
    assert.equal((await scene.told(bob, 'message.received')).length, 1);
  });

  it('knows a client_message_id after the room has ended and after its sender has left', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(ann, bob, cid);
    const first = await scene.post(ann, room, 'bye', 'm1');

    await scene.leave(ann, room);
    assert.deepEqual((await scene.post(ann, room, 'bye', 'm1')).message, first.message);
    await refused('not_in_room', () => scene.post(ann, room, 'bye', 'm2'));
    await scene.leave(bob, room);
    assert.deepEqual((await scene.post(ann, room, 'bye', 'm1')).message, first.message);
    await refused('room_ended', () => scene.post(ann, room, 'bye', 'm2'));
  });

  it(
    'lets somebody send only so much, says when they may again, and counts only what was sent',
    async (scene) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      const room = await scene.match(ann, bob);
      await scene.post(ann, room, '1', 'm1');
      await scene.post(ann, room, '2');
      await scene.post(ann, room, '1', 'm1');
      await refused('room_not_found', () => scene.post(ann, 'no such room', 'x'));
      await scene.post(ann, room, '3');

      const error = await refused('rate_limited', () => scene.post(ann, room, '4'));
      assert.deepEqual([error.retryable, error.details.retry_after_seconds], [true, 4]);
      assert.equal((await scene.post(ann, room, '1', 'm1')).duplicate, true, 'a repetition costs nothing');
      await scene.post(bob, room, 'of somebody else');

      scene.clock.advance(3_000);
      await refused('rate_limited', () => scene.post(ann, room, '4'));
      scene.clock.advance(1_000);
      await scene.post(ann, room, '4');
      await refused('rate_limited', () => scene.post(ann, room, '5'));
      assert.equal((await scene.page(ann, room)).messages.length, 5);
    },
    { messageRate: { burst: 3, perMs: 12_000 } },
  );

  it('pages forwards and backwards without leaving out or repeating a message', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    await scene.say(ann, room, ...Array.from({ length: 10 }, (_, i) => `${i + 1}`));
    const seqs = async (query: { before?: number; after?: number; limit: number }) => {
      const { messages, next, previous, truncated } = await scene.page(bob, room, query);
      assert.equal(truncated, false);
      return { seqs: messages.map(({ seq }) => seq), next, previous };
    };

    assert.deepEqual(await seqs({ limit: 4 }), { seqs: [7, 8, 9, 10], next: undefined, previous: 7 });
    assert.deepEqual(await seqs({ before: 7, limit: 4 }), { seqs: [3, 4, 5, 6], next: 6, previous: 3 });
    assert.deepEqual(await seqs({ before: 3, limit: 4 }), { seqs: [1, 2], next: 2, previous: undefined });
    assert.deepEqual(await seqs({ before: 1, limit: 4 }), { seqs: [], next: undefined, previous: undefined });

    assert.deepEqual(await seqs({ after: 0, limit: 4 }), { seqs: [1, 2, 3, 4], next: 4, previous: undefined });
    assert.deepEqual(await seqs({ after: 4, limit: 4 }), { seqs: [5, 6, 7, 8], next: 8, previous: 5 });
    assert.deepEqual(await seqs({ after: 8, limit: 4 }), { seqs: [9, 10], next: undefined, previous: 9 });
    assert.deepEqual((await seqs({ after: 10, limit: 4 })).seqs, []);
    assert.deepEqual(await seqs({ limit: 10 }), {
      seqs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      next: undefined,
      previous: undefined,
    });
  });

  it('gives the newest page to a reader who asks before the future, and none after it', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    await scene.say(ann, room, '1', '2', '3');

    const before = await scene.page(bob, room, { before: 1_000_000, limit: 2 });
    assert.deepEqual([before.messages.map(({ seq }) => seq), before.previous], [[2, 3], 2]);
    const after = await scene.page(bob, room, { after: 1_000_000, limit: 2 });
    assert.deepEqual([after.messages, after.next], [[], undefined]);
  });

  it('gives an empty page of a room where nothing was said', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const page = await scene.page(ann, await scene.match(ann, bob));
    assert.deepEqual(page, { messages: [], truncated: false });
  });

  it(
    'tells when older messages are no longer kept',
    async (scene) => {
      const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
      const room = await scene.match(ann, bob);
      await scene.say(ann, room, '1', '2', '3', '4', '5', '6', '7', '8');
      const read = async (query: { before?: number; after?: number; limit: number }) => {
        const { messages, truncated, previous } = await scene.page(bob, room, query);
        return [messages.map(({ seq }) => seq), truncated, previous];
      };

      assert.deepEqual(await read({ limit: 3 }), [[6, 7, 8], false, 6]);
      assert.deepEqual(await read({ before: 6, limit: 3 }), [[4, 5], true, undefined]);
      assert.deepEqual(await read({ after: 0, limit: 2 }), [[4, 5], true, undefined]);
      assert.deepEqual(await read({ after: 3, limit: 2 }), [[4, 5], false, undefined]);
      assert.deepEqual(await read({ limit: 100 }), [[4, 5, 6, 7, 8], true, undefined]);
      assert.equal((await scene.room(bob, room)).lastSeq, 8);
      assert.equal((await scene.post(bob, room, '9')).message.seq, 9);
    },
    { roomHistory: 5 },
  );

  it('shows a newcomer what is said from their coming on, and nothing from before', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const { room } = await scene.join(ann, 'lobby');
    await scene.say(ann, room.roomId, 'before 1', 'before 2');
    await scene.join(bob, 'lobby');
    await scene.say(ann, room.roomId, 'after');

    for (const query of [{}, { after: 0 }, { before: 100 }]) {
      const { messages, previous, truncated } = await scene.page(bob, room.roomId, query);
      assert.deepEqual(
        [messages.map(({ text }) => text), previous, truncated],
        [['after'], undefined, false],
        JSON.stringify(query),
      );
    }
    assert.deepEqual((await scene.page(bob, room.roomId, { before: 3 })).messages, []);
    assert.equal((await scene.room(bob, room.roomId)).unread, 0, 'what was read is read');
  });

  it('lets a former member read back what was said while they were there, and no more', async (scene) => {
    const [ann, bob, cid] = (await scene.people('Ann', 'Bob', 'Cid')) as [string, string, string];
    const room = await scene.match(ann, bob, cid);
    await scene.say(ann, room, 'before');
    await scene.leave(bob, room);
    await scene.say(ann, room, 'after');

    for (const query of [{}, { after: 0 }, { before: 100 }]) {
      const { messages, next } = await scene.page(bob, room, query);
      assert.deepEqual([messages.map(({ text }) => text), next], [['before'], undefined], JSON.stringify(query));
    }
    assert.deepEqual((await scene.page(bob, room, { after: 1 })).messages, []);
    assert.deepEqual(await scene.told(bob, 'message.received').then((events) => events.map((e) => e.message)), [
      'before',
    ]);
  });

  it('keeps an ended room readable', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    await scene.say(ann, room, 'bye');
    await scene.leave(ann, room);

    assert.equal((await scene.page(bob, room)).messages[0]?.text, 'bye');
  });

  it('counts what others said and one has not read, by page or by event', async (scene) => {
    const [ann, bob] = (await scene.people('Ann', 'Bob')) as [string, string];
    const room = await scene.match(ann, bob);
    const unread = async (id: string) => (await scene.room(id, room)).unread;
    await scene.say(ann, room, '1', '2', '3');
    await scene.say(bob, room, '4');
    assert.deepEqual([await unread(ann), await unread(bob)], [1, 3]);

    await scene.page(bob, room, { after: 0, limit: 2 });
    assert.equal(await unread(bob), 1);
    await scene.page(bob, room, { before: 2, limit: 1 });
    assert.equal(await unread(bob), 1, 'reading back unreads nothing');

    await scene.hear(ann);
    assert.equal(await unread(ann), 0);
    await scene.hear(bob, room, 3);
    assert.equal(await unread(bob), 1, 'an event before the unread message changes nothing');
    await scene.hear(bob, room);
    assert.equal(await unread(bob), 0);
    await scene.say(ann, room, '5');
    assert.equal(await unread(bob), 1);
    assert.equal((await scene.store.rooms(bob, scene.now)).rooms[0]?.unread, 1);
  });
};
