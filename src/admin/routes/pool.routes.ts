import { Injectable } from '@nestjs/common';
import { OperationsService, OversightService } from '../../operations/index.js';
import { decision, DecisionAnswer, Pool, pool, PoolDetail, poolDetail } from '../answers/pools.js';
import { Ticket, ticket } from '../answers/tickets.js';
import { AdminFailure } from '../failure.js';
import { DecisionsInput, MoveInput, PageInput, PoolInput } from '../inputs.js';
import { route, type RouteGroup } from '../route.js';
import { list, object, page } from '../schema.js';

/** Decisions that come with a pool. */
const LATEST = 20;

/** Pools, who waits there, and what the strategies made of them. */
@Injectable()
export class PoolRoutes implements RouteGroup {
  readonly tag = 'Pools';
  readonly routes = [
    route({
      method: 'GET',
      path: '/pools',
      scope: 'parley:admin',
      summary: 'All pools',
      answer: object({ pools: list(Pool) }),
      handle: async () => ({ pools: (await this.oversight.pools()).map(pool) }),
    }),
    route({
      method: 'GET',
      path: '/pools/:pool',
      scope: 'parley:admin',
      summary: 'A pool, what its strategy did at this instance, and its latest decisions',
      answer: PoolDetail,
      refusals: ['unknown_pool'],
      handle: async ({ params }) => this.#detail(params.pool),
    }),
    route({
      method: 'PATCH',
      path: '/pools/:pool',
      scope: 'parley:admin',
      summary: 'Pause, resume or drain a pool, or switch its strategy',
      description: 'Holds on every instance within a second, until it is changed again.',
      body: PoolInput,
      answer: PoolDetail,
      refusals: ['unknown_pool'],
      handle: async ({ actor, params, body: { mode, strategy, options } }) => {
        if (mode === undefined && strategy === undefined) throw nothingToChange('Give mode, strategy or both.');
        if (options && typeof strategy !== 'string') throw nothingToChange('Give options together with a strategy.');
        await this.operations.changePool(actor, params.pool, {
          ...(mode !== undefined && { mode }),
          ...(strategy !== undefined && { strategy: strategy === null ? null : { strategy, options: options ?? {} } }),
        });
        return this.#detail(params.pool);
      },
    }),
    route({
      method: 'GET',
      path: '/pools/:pool/tickets',
      scope: 'parley:admin',
      summary: 'Who waits in a pool, in order of seniority',
      query: PageInput,
      answer: page('tickets', Ticket),
      refusals: ['unknown_pool'],
      handle: async ({ params, query }) => {
        const { items, next = null } = await this.oversight.tickets(params.pool, query);
        return { tickets: items.map(ticket), next };
      },
    }),
    route({
      method: 'DELETE',
      path: '/tickets/:ticket_id',
      scope: 'parley:admin',
      summary: 'Take a ticket out of its pool',
      description: 'Everybody behind it hears `queue.expired` with the reason `removed`.',
      answer: Ticket,
      refusals: ['ticket_not_found', 'ticket_refused'],
      handle: async ({ actor, params }) => ticket(await this.operations.removeTicket(actor, params.ticket_id)),
    }),
    route({
      method: 'POST',
      path: '/tickets/:ticket_id/move',
      scope: 'parley:admin',
      summary: 'Move a waiting ticket to another pool, as senior as it is',
      description: 'Everybody behind it hears `queue.moved`.',
      body: MoveInput,
      answer: Ticket,
      refusals: ['ticket_not_found', 'unknown_pool', 'ticket_refused', 'pool_closed'],
      handle: async ({ actor, params, body }) =>
        ticket(await this.operations.moveTicket(actor, params.ticket_id, body.pool)),
    }),
    route({
      method: 'GET',
      path: '/decisions',
      scope: 'parley:admin',
      summary: 'What the strategies of this instance decided lately, newest first',
      query: DecisionsInput,
      answer: object({ decisions: list(DecisionAnswer) }),
      refusals: ['unknown_pool'],
      handle: ({ query }) => ({ decisions: this.oversight.decisions(query.limit, query.pool).map(decision) }),
    }),
  ];

  constructor(
    private readonly oversight: OversightService,
    private readonly operations: OperationsService,
  ) {}

  async #detail(name: string) {
    return poolDetail(await this.oversight.pool(name), this.oversight.decisions(LATEST, name));
  }
}

const nothingToChange = (hint: string) =>
  new AdminFailure(400, 'invalid_arguments', 'The body does not say what to change', hint);
