import { deepEqual, equal } from 'node:assert/strict';
import type { HistoryCases } from './cases.js';

export const appendCases: HistoryCases = (it) => {
  it('keeps a message as it was sent', async (scene) => {
    const text = 'Grüße 👋\n"quoted", \\back, {braces}, NULL\t🏳️‍🌈 שלום';
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', text);
    await scene.append();
    const page = await scene.store.messages('ben', 'room', { limit: 10 });
    deepEqual(page?.messages, [
      {
        messageId: 'room-1',
        seq: 1,
        text,
        sender: { user_id: 'ann', display_name: 'Name of ann', provenance: 'human' },
        timestamp: new Date(scene.now - 1_000).toISOString(),
      },
    ]);
    equal(page.lastSeq, 1);
  });

  it('takes nothing in twice, whole batches or parts of them', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.chat('room', 'ann', 3);
    scene.leave('room', 'ben');
    scene.chat('room', 'ann', 2);
    scene.join('room', 'ben');
    scene.chat('room', 'ann', 2);
    await scene.append();
    const all = scene.records;
    const before = [await scene.page('ann', 'room'), await scene.page('ben', 'room')];
    for (const batch of [all, all.slice(0, 4), all.slice(0, 6), all.slice(3), all.slice(-1), [...all, ...all]]) {
      await scene.store.append(batch);
      deepEqual([await scene.page('ann', 'room'), await scene.page('ben', 'room')], before);
    }
    deepEqual(before[1]?.seqs, [1, 2, 3, 6, 7]);
  });

  it('goes on in the middle of a batch that was taken in before', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.chat('room', 'ann', 2);
    await scene.store.append(scene.pending());
    scene.leave('room', 'ben');
    scene.chat('room', 'ann', 2);
    await scene.store.append(scene.records);
    deepEqual((await scene.page('ann', 'room'))?.seqs, [1, 2, 3, 4]);
    deepEqual((await scene.page('ben', 'room'))?.seqs, [1, 2]);
  });

  it('takes one batch from two who bring it at once', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.chat('room', 'ann', 50);
    scene.leave('room', 'ben');
    const batch = scene.pending();
    await Promise.all([scene.store.append(batch), scene.store.append(batch), scene.store.append(batch)]);
    equal((await scene.page('ann', 'room'))?.seqs.length, 50);
    equal((await scene.page('ben', 'room'))?.seqs.length, 50);
  });

  it('keeps the first of two messages in one place', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    scene.say('room', 'ann', 'first');
    await scene.append();
    const [, sent] = scene.records as [unknown, (typeof scene.records)[number]];
    const timestamp = new Date(scene.now + 40 * 86_400_000).toISOString();
    await scene.store.append([{ ...sent, id: 'other', data: { ...sent.data, message: 'second', timestamp } }]);
    deepEqual(await scene.texts('ben', 'room'), ['first']);
  });

  it('puts messages in order, in whatever order they come', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    await scene.append();
    scene.chat('room', 'ann', 6);
    const batch = scene.pending();
    for (const part of [batch.slice(4), batch.slice(0, 2), batch.slice(2, 4)]) await scene.store.append(part.reverse());
    deepEqual((await scene.page('ben', 'room'))?.seqs, [1, 2, 3, 4, 5, 6]);
  });

  it('shows messages that came before the opening of their room', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    const opening = scene.pending();
    scene.chat('room', 'ann', 3);
    await scene.append();
    equal(await scene.page('ann', 'room'), undefined);
    await scene.store.append(opening);
    const page = await scene.store.messages('ann', 'room', { limit: 10 });
    deepEqual(
      page?.messages.map(({ seq }) => seq),
      [1, 2, 3],
    );
    equal(page.lastSeq, 3);
  });

  it('keeps a conversation over the end of a month and of a year', async (scene) => {
    scene.open('room', ['ann', 'ben']);
    for (const day of ['2026-10-31', '2026-11-30', '2026-12-31', '2028-02-29']) {
      scene.clock.advance(Date.parse(`${day}T23:59:59.000Z`) - scene.now);
      scene.chat('room', 'ann', 2);
    }
    await scene.append();
    await scene.store.append(scene.records);
    deepEqual((await scene.page('ben', 'room'))?.seqs, [1, 2, 3, 4, 5, 6, 7, 8]);
    deepEqual((await scene.page('ben', 'room', { before: 7, limit: 3 }))?.seqs, [4, 5, 6]);
  });

  it('takes in what becomes of tickets and rooms, in whatever order it comes', async (scene) => {
    const [ticket_id, pool] = ['ticket', 'default'];
    scene.record('ticket.created', { ticket_id, pool, user_ids: ['ann'], priority: 1 });
    scene.record('ticket.matched', { ticket_id, pool, room_id: 'room', waited_ms: 1_234 });
    scene.record('ticket.cancelled', { ticket_id: 'other', pool });
    scene.record('ticket.expired', { ticket_id: 'third', pool, reason: 'timeout' });
    scene.open('room', ['ann', 'ben']);
    scene.close('room');
    await scene.store.append([...scene.records].reverse());
    await scene.store.append(scene.records);
    deepEqual(await scene.texts('ann', 'room'), []);
  });
};
