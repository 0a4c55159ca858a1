import { expect, it } from '@jest/globals';
import type { CaseAnswer, CaseSummaryAnswer } from '../../../src/admin/answers/cases.js';
import type { FigureAnswer } from '../../../src/admin/answers/figures.js';
import type { Participant, SanctionAnswer } from '../../../src/admin/answers/people.js';
import type { DecisionAnswer, Pool, PoolDetail } from '../../../src/admin/answers/pools.js';
import type { Room, Transcript } from '../../../src/admin/answers/rooms.js';
import type { Entry, Instances, Overview, Webhook } from '../../../src/admin/answers/service.js';
import type { Ticket } from '../../../src/admin/answers/tickets.js';
import type { TypeOf } from '../../../src/admin/schema.js';
import type * as Read from '../../../web/src/console/api/answers.js';

/** What the API answers can be read as what the console takes it for. */
type Reads<Answer, As> = TypeOf<Answer> extends As ? true : never;

/** Does not compile when one of them cannot. */
const AGREED: readonly [
  Reads<typeof CaseAnswer, Read.Case>,
  Reads<typeof CaseSummaryAnswer, Read.CaseSummary>,
  Reads<typeof DecisionAnswer, Read.Decision>,
  Reads<typeof Entry, Read.AuditEntry>,
  Reads<typeof FigureAnswer, Read.Figures>,
  Reads<typeof Instances, Read.Instances>,
  Reads<typeof Overview, Read.Overview>,
  Reads<typeof Participant, Read.Participant>,
  Reads<typeof Pool, Read.Pool>,
  Reads<typeof PoolDetail, Read.PoolDetail>,
  Reads<typeof Room, Read.Room>,
  Reads<typeof SanctionAnswer, Read.Sanction>,
  Reads<typeof Ticket, Read.Ticket>,
  Reads<typeof Transcript, Read.Transcript>,
  Reads<typeof Webhook, Read.Webhook>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

it('reads of the operator API what that answers, which the compiler sees to', () => {
  expect(AGREED).not.toContain(false);
});
