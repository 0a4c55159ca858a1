import { globalTestApi, type TestApi } from '../test-api.js';
import { backfillCases } from './backfill.cases.js';
import type { Cases } from './cases.js';
import { eventLogCases } from './event-log.cases.js';
import { forgetCases } from './forget.cases.js';
import { groupCases } from './group.cases.js';
import { matchingCases } from './matching.cases.js';
import { messageCases } from './message.cases.js';
import { offerCases } from './offer.cases.js';
import { operatorCases } from './operator.cases.js';
import { outboxCases } from './outbox.cases.js';
import { participantCases } from './participant.cases.js';
import { partyCases } from './party.cases.js';
import { poolControlCases } from './pool-control.cases.js';
import { presenceCases } from './presence.cases.js';
import { queueCases } from './queue.cases.js';
import { relationCases } from './relation.cases.js';
import { roomCases } from './room.cases.js';
import { sanctionCases } from './sanction.cases.js';
import { type MakeStateStore, Scene } from './scene.js';
import { wakeCases } from './wake.cases.js';

export type { MakeStateStore };

const SUBJECTS: Readonly<Record<string, Cases>> = {
  participants: participantCases,
  queues: queueCases,
  'group sizes': groupCases,
  matching: matchingCases,
  parties: partyCases,
  offers: offerCases,
  'open rooms': backfillCases,
  'wake-ups': wakeCases,
  relations: relationCases,
  rooms: roomCases,
  messages: messageCases,
  'event logs': eventLogCases,
  'the outbox': outboxCases,
  'presence and time': presenceCases,
  forgetting: forgetCases,
  operators: operatorCases,
  'pool control': poolControlCases,
  sanctions: sanctionCases,
};

/**
 * The promises every `StateStore` keeps. `make` is called for each case and gives a fresh, empty store with the limits
 * it is handed; closing it is the caller's business.
 *
 * @param api the test runner; its globals by default
 */
export function describeStateStoreContract(name: string, make: MakeStateStore, api: TestApi = globalTestApi()): void {
  api.describe(`StateStore contract: ${name}`, () => {
    for (const [subject, cases] of Object.entries(SUBJECTS)) {
      api.describe(subject, () =>
        cases((promise, body, limits) => void api.it(promise, async () => body(await Scene.with(make, limits)))),
      );
    }
  });
}
