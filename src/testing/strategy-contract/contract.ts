import { globalTestApi, type TestApi } from '../test-api.js';
import { answersCases } from './answers.cases.js';
import type { Cases } from './cases.js';
import { purityCases } from './purity.cases.js';
import { safetyCases } from './safety.cases.js';
import { serviceCases } from './service.cases.js';
import { type MakeStrategy, type StrategyContractOptions, Trial } from './trial.js';

export type { MakeStrategy, StrategyContractOptions };

const SUBJECTS: Readonly<Record<string, Cases>> = {
  answers: answersCases,
  purity: purityCases,
  safety: safetyCases,
  service: serviceCases,
};

/**
 * The promises every `MatchingStrategy` keeps. `make` gives a new strategy, the same each time.
 *
 * @param api the test runner; its globals by default
 */
export function describeStrategyContract(
  name: string,
  make: MakeStrategy,
  options: StrategyContractOptions = {},
  api: TestApi = globalTestApi(),
): void {
  const trial = new Trial(make, options);
  api.describe(`MatchingStrategy contract: ${name}`, () => {
    for (const [subject, cases] of Object.entries(SUBJECTS)) {
      api.describe(subject, () => cases((promise, body) => void api.it(promise, async () => body(trial))));
    }
  });
}
