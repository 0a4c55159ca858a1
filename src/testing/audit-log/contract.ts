import assert from 'node:assert/strict';
import type { AuditEntry, AuditLog, AuditQuery } from '../../ports/audit-log.js';
import type { Awaitable } from '../../ports/awaitable.js';
import { globalTestApi, type TestApi } from '../test-api.js';

/** @param max most entries kept */
export type MakeAuditLog = (max: number) => Awaitable<AuditLog>;

const entryOf = (number: number, overrides: Partial<AuditEntry> = {}): AuditEntry => ({
  id: `e${number}`,
  at: 1_795_000_000_000,
  actor: 'mod',
  action: 'room.transcript',
  subject: 'room',
  outcome: 'done',
  details: { why: 'a "case"', until: null, pages: 2, all: true },
  ...overrides,
});

/** The ids of all that a query finds, page by page. */
async function idsOf(log: AuditLog, query: AuditQuery): Promise<string[]> {
  const ids: string[] = [];
  let { after } = query;
  do {
    const page = await log.list({ ...query, after });
    assert.ok(page.items.length <= query.limit, 'no page is longer than was asked for');
    ids.push(...page.items.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

/**
 * The promises every `AuditLog` keeps. `make` is called for each case of the contract and gives a fresh, empty log.
 *
 * @param api the test runner; its globals by default
 */
export function describeAuditLogContract(name: string, make: MakeAuditLog, api: TestApi = globalTestApi()): void {
  const it = (promise: string, body: (log: AuditLog) => Promise<void>, max = 100) =>
    api.it(promise, async () => body(await make(max)));

  api.describe(`AuditLog contract: ${name}`, () => {
    it('keeps entries as they are, newest first', async (log) => {
      assert.deepEqual(await log.list({ limit: 10 }), { items: [] });
      const entries = [entryOf(1), entryOf(2, { outcome: 'refused', details: {} })];
      for (const entry of entries) await log.append(entry);
      assert.deepEqual(await log.list({ limit: 10 }), { items: entries.toReversed() });
    });

    it('is read page by page, also while entries are added', async (log) => {
      for (let i = 1; i <= 5; i++) await log.append(entryOf(i));
      const first = await log.list({ limit: 2 });
      await log.append(entryOf(6));
      assert.deepEqual(
        [...first.items.map(({ id }) => id), ...(await idsOf(log, { limit: 2, after: first.next }))],
        [...['e5', 'e4', 'e3', 'e2', 'e1']],
      );
      assert.deepEqual(await idsOf(log, { limit: 6 }), ['e6', 'e5', 'e4', 'e3', 'e2', 'e1']);
      await assert.rejects(async () => log.list({ limit: 2, after: 'nowhere' }), { code: 'invalid_arguments' });
    });

    it('finds entries of an actor, an action or a subject', async (log) => {
      await log.append(entryOf(1, { actor: 'eve' }));
      await log.append(entryOf(2, { action: 'case.read', subject: 'c1' }));
      await log.append(entryOf(3, { actor: 'eve', subject: 'c1' }));
      assert.deepEqual(await idsOf(log, { limit: 1, actor: 'eve' }), ['e3', 'e1']);
      assert.deepEqual(await idsOf(log, { limit: 1, action: 'case.read' }), ['e2']);
      assert.deepEqual(await idsOf(log, { limit: 1, subject: 'c1', actor: 'eve' }), ['e3']);
      assert.deepEqual(await idsOf(log, { limit: 1, subject: 'nobody' }), []);
    });

    it('lets go of the oldest entries when it is full', async (log) => {
      for (let i = 1; i <= 5; i++) await log.append(entryOf(i));
      assert.deepEqual(await idsOf(log, { limit: 2 }), ['e5', 'e4', 'e3']);
    }, 3);
  });
}
