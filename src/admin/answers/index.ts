import type { TypeOf } from '../schema.js';
import type { CaseAnswer, CaseSummaryAnswer } from './cases.js';
import type { Participant, SanctionAnswer } from './people.js';
import type { Pool, PoolDetail } from './pools.js';
import type { Room, Transcript } from './rooms.js';
import type { Entry, InstanceDetail, Instances, Overview, Webhook } from './service.js';
import type { Ticket } from './tickets.js';

/** What the API answers, by name. */
export interface Answers {
  readonly overview: TypeOf<typeof Overview>;
  readonly pool: TypeOf<typeof Pool>;
  readonly poolDetail: TypeOf<typeof PoolDetail>;
  readonly ticket: TypeOf<typeof Ticket>;
  readonly room: TypeOf<typeof Room>;
  readonly transcript: TypeOf<typeof Transcript>;
  readonly participant: TypeOf<typeof Participant>;
  readonly sanction: TypeOf<typeof SanctionAnswer>;
  readonly caseSummary: TypeOf<typeof CaseSummaryAnswer>;
  readonly case: TypeOf<typeof CaseAnswer>;
  readonly webhook: TypeOf<typeof Webhook>;
  readonly instances: TypeOf<typeof Instances>;
  readonly instance: TypeOf<typeof InstanceDetail>;
  readonly entry: TypeOf<typeof Entry>;
}
