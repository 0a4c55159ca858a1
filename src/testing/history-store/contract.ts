import { globalTestApi, type TestApi } from '../test-api.js';
import type { HistoryCases } from './cases.js';
import { appendCases } from './append.cases.js';
import { deletionCases } from './deletion.cases.js';
import { readingCases } from './reading.cases.js';
import { type MakeHistoryStore, HistoryScene } from './scene.js';
import { searchCases } from './search.cases.js';

export type { MakeHistoryStore };

const SUBJECTS: Readonly<Record<string, HistoryCases>> = {
  'taking in': appendCases,
  reading: readingCases,
  search: searchCases,
  deletion: deletionCases,
};

/**
 * The promises every `HistoryStore` keeps. `make` is called for each case and gives a fresh, empty store; closing it is the
 * caller's business.
 *
 * @param api the test runner; its globals by default
 */
export function describeHistoryStoreContract(
  name: string,
  make: MakeHistoryStore,
  api: TestApi = globalTestApi(),
): void {
  api.describe(`HistoryStore contract: ${name}`, () => {
    for (const [subject, cases] of Object.entries(SUBJECTS)) {
      api.describe(subject, () =>
        cases((promise, body) => void api.it(promise, async () => body(await HistoryScene.with(make)))),
      );
    }
  });
}
