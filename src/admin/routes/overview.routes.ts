import { Injectable } from '@nestjs/common';
import { FiguresService } from '../../figures/index.js';
import { OversightService } from '../../operations/index.js';
import { FigureAnswer, figures } from '../answers/figures.js';
import { pool } from '../answers/pools.js';
import { instanceDetail, lags, Overview } from '../answers/service.js';
import { FiguresInput } from '../inputs.js';
import { route, type RouteGroup } from '../route.js';

const SCOPES = ['parley:moderate', 'parley:admin'] as const;

/** How the service is. */
@Injectable()
export class OverviewRoutes implements RouteGroup {
  readonly tag = 'Overview';
  readonly routes = [
    route({
      method: 'GET',
      path: '/overview',
      scope: 'parley:moderate',
      summary: 'How the service is, and what the caller may do',
      answer: Overview,
      handle: async ({ actor: { principal, scopes } }) => {
        const { oversight } = this;
        const [totals, pools, behind] = await Promise.all([oversight.totals(), oversight.pools(), oversight.lags()]);
        return {
          caller: { principal, scopes: SCOPES.filter((scope) => scopes.has(scope) || scopes.has('parley:admin')) },
          totals: {
            participants: totals.participants,
            active_rooms: totals.activeRooms,
            tickets: totals.tickets,
            open_cases: totals.openCases,
          },
          pools: pools.map(pool),
          instance: instanceDetail(oversight.instance),
          lags: lags(behind),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/figures',
      scope: 'parley:admin',
      summary: 'What happened in the last hour, for charts',
      query: FiguresInput,
      answer: FigureAnswer,
      handle: async ({ query: { since } }) => figures(await this.figures.series(since)),
    }),
  ];

  constructor(
    private readonly oversight: OversightService,
    private readonly figures: FiguresService,
  ) {}
}
