import assert from 'node:assert/strict';
import type { Awaitable } from '../../ports/awaitable.js';
import { type Case, type CaseEvidence, type CaseStore, COMPLAINTS_MAX, type NewCase } from '../../ports/case-store.js';
import { globalTestApi, type TestApi } from '../test-api.js';

/** @param max most cases kept */
export type MakeCaseStore = (max: number) => Awaitable<CaseStore>;

const OPENED_AT = 1_795_000_000_000;
const RESOLUTION = { note: 'Talked to "both"', by: 'mod', at: OPENED_AT + 1 };

const personOf = (id: string) => ({ user_id: id, display_name: `Name of ${id}`, provenance: 'human' as const });

function evidenceOf(roomId: string | null, reported: string, others: readonly string[] = ['ann']): CaseEvidence {
  return {
    room: roomId === null ? null : { roomId, kind: 'match', name: 'default' },
    reported: personOf(reported),
    reportedPrincipal: null,
    messages: [reported, ...others].map((id, i) => ({
      messageId: `m${i}`,
      seq: i + 1,
      text: `said by ${id}: "hello"\n/ 😀`,
      sender: personOf(id),
      timestamp: new Date(OPENED_AT).toISOString(),
    })),
  };
}

const newCase = (id: string, evidence = evidenceOf(`room-${id}`, 'bob'), reporter: string | null = 'ann'): NewCase => ({
  id,
  evidence,
  complaint: { reporter, reason: `reason of ${reporter}`, at: OPENED_AT },
});

const found = async (store: CaseStore, id: string): Promise<Case> => {
  const kept = await store.find(id);
  assert.ok(kept, `the case ${id} is there`);
  return kept;
};

const idsOf = async (store: CaseStore, state?: Case['state']) =>
  (await store.list({ limit: 100, state })).items.map(({ id }) => id);

/**
 * The promises every `CaseStore` keeps. `make` is called for each case of the contract and gives a fresh, empty store.
 *
 * @param api the test runner; its globals by default
 */
export function describeCaseStoreContract(name: string, make: MakeCaseStore, api: TestApi = globalTestApi()): void {
  const it = (promise: string, body: (store: CaseStore) => Promise<void>, max = 100) =>
    api.it(promise, async () => body(await make(max)));

  api.describe(`CaseStore contract: ${name}`, () => {
    it('keeps a case as it was opened', async (store) => {
      const given = newCase('c1');
      assert.equal(await store.open(given), 'c1');
      assert.deepEqual(await store.find('c1'), {
        ...{ id: 'c1', state: 'open', evidence: given.evidence, complaints: [given.complaint] },
        ...{ openedAt: OPENED_AT, resolution: null },
      });
      assert.equal(await store.find('c2'), undefined);
    });

    it('adds a second complaint about the same participant in the same room to its case', async (store) => {
      await store.open(newCase('c1', evidenceOf('room', 'bob')));
      const again = newCase('c2', evidenceOf('room', 'bob', ['ann', 'eve']), 'eve');
      assert.equal(await store.open(again), 'c1');
      assert.equal(await store.find('c2'), undefined);
      const { complaints, evidence } = await found(store, 'c1');
      assert.deepEqual(
        complaints.map(({ reporter }) => reporter),
        ['ann', 'eve'],
      );
      assert.deepEqual(evidence, evidenceOf('room', 'bob'));
      assert.equal(await store.open(newCase('c3', evidenceOf('room', 'ann'))), 'c3');
      assert.equal(await store.open(newCase('c4', evidenceOf('other', 'bob'))), 'c4');
      assert.equal(await store.openCases(), 3);
    });

    it('keeps the first complaints of a case', async (store) => {
      for (let i = 0; i <= COMPLAINTS_MAX; i++) await store.open(newCase('c1', evidenceOf('room', 'bob'), `p${i}`));
      const { complaints } = await found(store, 'c1');
      assert.deepEqual([complaints.length, complaints.at(-1)?.reporter], [COMPLAINTS_MAX, `p${COMPLAINTS_MAX - 1}`]);
    });

    it('resolves a case once, and opens another for what comes after', async (store) => {
      await store.open(newCase('c1', evidenceOf('room', 'bob')));
      const resolved = await store.resolve('c1', RESOLUTION);
      assert.deepEqual([resolved?.state, resolved?.resolution], ['resolved', RESOLUTION]);
      assert.deepEqual(resolved, await store.find('c1'));
      assert.equal(await store.resolve('c1', { ...RESOLUTION, note: 'again' }), undefined);
      assert.equal(await store.resolve('nobody', RESOLUTION), undefined);
      assert.equal(await store.openCases(), 0);
      assert.equal(await store.open(newCase('c2', evidenceOf('room', 'bob'))), 'c2');
      assert.equal(await store.openCases(), 1);
    });

    it('knows in which rooms a case is open', async (store) => {
      await store.open(newCase('c1', evidenceOf('room', 'bob')));
      await store.open(newCase('c2', evidenceOf('room', 'eve')));
      await store.resolve('c1', RESOLUTION);
      assert.deepEqual([await store.isOpenIn('room'), await store.isOpenIn('other')], [true, false]);
      await store.resolve('c2', RESOLUTION);
      assert.equal(await store.isOpenIn('room'), false);
    });

    it('takes a case that is about a name, in no room', async (store) => {
      const evidence = { ...evidenceOf(null, 'bob'), messages: [] };
      await store.open(newCase('c1', evidence, null));
      assert.equal(await store.open(newCase('c2', evidence, null)), 'c1');
      assert.deepEqual((await found(store, 'c1')).evidence, evidence);
    });

    it('lists newest first, page by page, without what was said, also while more are opened', async (store) => {
      for (const id of ['c1', 'c2', 'c3', 'c4']) await store.open(newCase(id));
      await store.resolve('c2', RESOLUTION);
      const first = await store.list({ limit: 2 });
      assert.deepEqual(
        first.items.map(({ id }) => id),
        ['c4', 'c3'],
      );
      await store.open(newCase('c5'));
      const second = await store.list({ limit: 2, after: first.next });
      assert.deepEqual([second.items.map(({ id }) => id), second.next], [['c2', 'c1'], undefined]);
      const { messages: _, ...about } = newCase('c1').evidence;
      assert.deepEqual(second.items[1], {
        ...{ id: 'c1', state: 'open', evidence: about, complaints: 1, openedAt: OPENED_AT, resolution: null },
      });
      assert.deepEqual(second.items[0]?.resolution, RESOLUTION);
      assert.deepEqual(await idsOf(store, 'open'), ['c5', 'c4', 'c3', 'c1']);
      assert.deepEqual(await idsOf(store, 'resolved'), ['c2']);
      await assert.rejects(async () => store.list({ limit: 2, after: 'nowhere' }), { code: 'invalid_arguments' });
    });

    it('lets go of the oldest resolved case when it is full, then of the oldest', async (store) => {
      for (const id of ['c1', 'c2', 'c3']) await store.open(newCase(id));
      await store.resolve('c2', RESOLUTION);
      await store.open(newCase('c4'));
      assert.deepEqual(await idsOf(store), ['c4', 'c3', 'c1']);
      await store.open(newCase('c5'));
      assert.deepEqual(await idsOf(store), ['c5', 'c4', 'c3']);
      assert.deepEqual([await store.find('c1'), await store.isOpenIn('room-c1')], [undefined, false]);
      assert.equal(await store.openCases(), 3);
    }, 3);

    it('forgets what somebody wrote and is called, wherever it is, and keeps who it was', async (store) => {
      await store.open(newCase('c1', evidenceOf('room', 'bob', ['ann', 'eve'])));
      await store.open(newCase('c2', evidenceOf('other', 'ann', ['bob']), 'bob'));
      await store.open(newCase('c3', evidenceOf('third', 'eve', ['ann'])));
      await store.resolve('c2', RESOLUTION);
      const untouched = await store.find('c3');
      await store.forget('bob');
      await store.forget('nobody');
      const [one, two] = [await found(store, 'c1'), await found(store, 'c2')];
      assert.deepEqual(one.evidence.reported, { ...personOf('bob'), display_name: 'Anonymous' });
      const said = ({ evidence }: Case) => evidence.messages.map(({ text, sender }) => [sender.display_name, text]);
      assert.deepEqual(said(one)[0], ['Anonymous', '']);
      assert.deepEqual(
        said(one).slice(1),
        said({ ...one, evidence: evidenceOf('room', 'bob', ['ann', 'eve']) }).slice(1),
      );
      assert.deepEqual(said(two)[1], ['Anonymous', '']);
      assert.deepEqual(
        two.complaints.map(({ reporter, reason }) => [reporter, reason]),
        [['bob', '']],
      );
      assert.deepEqual(one.complaints, [newCase('c1').complaint]);
      assert.deepEqual(await store.find('c3'), untouched);
    });
  });
}
