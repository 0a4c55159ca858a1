import { Injectable } from '@nestjs/common';
import { ModerationService } from '../../moderation/index.js';
import { OperationsService, OversightService } from '../../operations/index.js';
import type { SanctionSubject } from '../../ports/operator-steps.js';
import { caseDetail, CaseAnswer, caseSummary, CaseSummaryAnswer } from '../answers/cases.js';
import { Participant, participant, sanction, SanctionAnswer } from '../answers/people.js';
import { AdminFailure } from '../failure.js';
import { CasesInput, PageInput, ParticipantsInput, ResolutionInput, SanctionInput } from '../inputs.js';
import { route, type RouteGroup } from '../route.js';
import { flag, list, object, page } from '../schema.js';

/** Participants, what was said of them, and what was done about it. */
@Injectable()
export class PeopleRoutes implements RouteGroup {
  readonly tag = 'People';
  readonly routes = [
    route({
      method: 'GET',
      path: '/participants',
      scope: 'parley:moderate',
      summary: 'The participants of a principal',
      query: ParticipantsInput,
      answer: object({ participants: list(Participant) }),
      handle: async ({ query }) => ({
        participants: (await this.oversight.participantsOf(query.principal)).map(participant),
      }),
    }),
    route({
      method: 'GET',
      path: '/participants/:user_id',
      scope: 'parley:moderate',
      summary: 'A participant: where it is, and what holds against it',
      answer: Participant,
      refusals: ['participant_not_found'],
      handle: async ({ params }) => participant(await this.oversight.participant(params.user_id)),
    }),
    route({
      method: 'POST',
      path: '/participants/:user_id/disconnect',
      scope: 'parley:moderate',
      summary: 'Take a participant out of its queues and rooms; it may come back',
      answer: Participant,
      refusals: ['participant_not_found'],
      handle: async ({ actor, params }) => {
        await this.operations.disconnect(actor, params.user_id);
        return participant(await this.oversight.participant(params.user_id));
      },
    }),
    route({
      method: 'DELETE',
      path: '/participants/:user_id',
      scope: 'parley:admin',
      summary: 'Delete what is kept of a participant, for ever',
      description:
        'Profile, token, tickets and event log, and the text of what it has said, in the state, in cases and in the history. ' +
        'Nobody need be known by that id any more.',
      answer: object({ forgotten: flag() }),
      handle: async ({ actor, params }) => {
        await this.operations.forget(actor, params.user_id);
        return { forgotten: true };
      },
    }),
    route({
      method: 'GET',
      path: '/sanctions',
      scope: 'parley:moderate',
      summary: 'Bans and mutes in force, newest first',
      query: PageInput,
      answer: page('sanctions', SanctionAnswer),
      handle: async ({ actor, query }) => {
        const { items, next = null } = await this.moderation.sanctions(actor, query);
        return { sanctions: items.map(sanction), next };
      },
    }),
    route({
      method: 'POST',
      path: '/sanctions',
      scope: 'parley:moderate',
      summary: 'Ban or mute a participant or a principal',
      body: SanctionInput,
      status: 201,
      answer: SanctionAnswer,
      refusals: ['participant_not_found', 'too_many_sanctions'],
      handle: async ({ actor, body }) => {
        const until = body.until ? Date.parse(body.until) : null;
        return sanction(
          await this.moderation[body.kind](actor, { subject: subjectOf(body), reason: body.reason, until }),
        );
      },
    }),
    route({
      method: 'DELETE',
      path: '/sanctions/:id',
      scope: 'parley:moderate',
      summary: 'Lift a ban or a mute',
      answer: object({ lifted: flag() }),
      refusals: ['sanction_not_found'],
      handle: async ({ actor, params }) => {
        await this.moderation.lift(actor, params.id);
        return { lifted: true };
      },
    }),
    route({
      method: 'GET',
      path: '/cases',
      scope: 'parley:moderate',
      summary: 'What was reported, newest first',
      query: CasesInput,
      answer: page('cases', CaseSummaryAnswer),
      handle: async ({ actor, query }) => {
        const { items, next = null } = await this.moderation.cases(actor, query);
        return { cases: items.map(caseSummary), next };
      },
    }),
    route({
      method: 'GET',
      path: '/cases/:id',
      scope: 'parley:moderate',
      summary: 'A case with what was said',
      description: 'Each look is in the audit log.',
      answer: CaseAnswer,
      refusals: ['case_not_found'],
      handle: async ({ actor, params }) => caseDetail(await this.moderation.findCase(actor, params.id)),
    }),
    route({
      method: 'POST',
      path: '/cases/:id/resolve',
      scope: 'parley:moderate',
      summary: 'Close a case',
      body: ResolutionInput,
      answer: CaseAnswer,
      refusals: ['case_not_found'],
      handle: async ({ actor, params, body }) => caseDetail(await this.moderation.resolve(actor, params.id, body.note)),
    }),
  ];

  constructor(
    private readonly oversight: OversightService,
    private readonly operations: OperationsService,
    private readonly moderation: ModerationService,
  ) {}
}

/** @throws AdminFailure unless it is just one */
function subjectOf({ user_id, principal }: SanctionInput): SanctionSubject {
  if (user_id !== undefined && principal === undefined) return { participantId: user_id };
  if (principal !== undefined && user_id === undefined) return { principal };
  const hint = 'Give user_id for one participant, or principal for all of theirs.';
  throw new AdminFailure(400, 'invalid_arguments', 'Exactly one of user_id and principal must be given', hint);
}
