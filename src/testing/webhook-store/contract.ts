import { globalTestApi, type TestApi } from '../test-api.js';
import type { WebhookCases } from './cases.js';
import { instanceCases } from './instance.cases.js';
import { outboxCases } from './outbox.cases.js';
import { type MakeWebhookStore, WebhookScene } from './scene.js';
import { subscriptionCases } from './subscription.cases.js';
import { verificationCases } from './verification.cases.js';

export type { MakeWebhookStore };

const SUBJECTS: Readonly<Record<string, WebhookCases>> = {
  subscriptions: subscriptionCases,
  outbox: outboxCases,
  verifications: verificationCases,
  instances: instanceCases,
};

/**
 * The promises every `WebhookStore` keeps. `make` is called for each case and gives a fresh, empty store; closing it is the
 * caller's business.
 *
 * @param api the test runner; its globals by default
 */
export function describeWebhookStoreContract(
  name: string,
  make: MakeWebhookStore,
  api: TestApi = globalTestApi(),
): void {
  api.describe(`WebhookStore contract: ${name}`, () => {
    for (const [subject, cases] of Object.entries(SUBJECTS)) {
      api.describe(subject, () =>
        cases((promise, body) => void api.it(promise, async () => body(await WebhookScene.with(make)))),
      );
    }
  });
}
