/** What a contract suite needs of a test runner; Jest's, Vitest's, Mocha's and node:test's functions all fit. */
export interface TestApi {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** The runner's globals. Read when a suite is described, so that importing this package needs no runner. */
export function globalTestApi(): TestApi {
  const { describe, it } = globalThis as Partial<TestApi>;
  if (!describe || !it) throw new Error('No global describe and it: pass those of your test runner');
  return { describe, it };
}
