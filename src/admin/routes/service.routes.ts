import { Injectable } from '@nestjs/common';
import { InstancesService } from '../../instances/index.js';
import { DrainService, instanceNotFound, OperationsService, OversightService } from '../../operations/index.js';
import {
  Entry,
  entry,
  InstanceDetail,
  instance,
  instanceDetail,
  Instances,
  Webhook,
  webhook,
} from '../answers/service.js';
import { ADMIN_PATH } from '../admin-path.js';
import { AdminFailure } from '../failure.js';
import { AuditInput, PageInput } from '../inputs.js';
import { route, type RouteGroup } from '../route.js';
import { page } from '../schema.js';

const DRAINING =
  'As SIGTERM does, but the process stays: it is not ready and opens no sessions, and after DRAIN_SECONDS it answers waits, ' +
  'ends streams with a hint to come back, and refuses what comes. GET /admin/instances tells when it is `drained`.';

/** Webhooks, instances, and what operators did. */
@Injectable()
export class ServiceRoutes implements RouteGroup {
  readonly tag = 'Service';
  readonly routes = [
    route({
      method: 'GET',
      path: '/webhooks',
      scope: 'parley:admin',
      summary: 'Webhook subscriptions',
      description: 'A part holds all subscriptions of at most `limit` participants. Secrets are never told.',
      query: PageInput,
      answer: page('webhooks', Webhook),
      handle: async ({ query: { after, limit } }) => {
        if (after !== undefined && !/^\d{1,15}$/.test(after)) throw notTheNext();
        const found = await this.oversight.webhooks({ limit, ...(after !== undefined && { after: Number(after) }) });
        return { webhooks: found.items.map(webhook), next: found.next === undefined ? null : String(found.next) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/webhooks/:id',
      scope: 'parley:admin',
      summary: 'End a webhook subscription',
      answer: Webhook,
      refusals: ['webhook_not_found'],
      handle: async ({ actor, params }) => webhook(await this.operations.endWebhook(actor, params.id)),
    }),
    route({
      method: 'GET',
      path: '/instances',
      scope: 'parley:admin',
      summary: 'The instances that share the state, this one in detail',
      answer: Instances,
      handle: async () => {
        const [, ...others] = await this.oversight.instanceRecords();
        return { this: instanceDetail(this.oversight.instance), others: others.map(instance) };
      },
    }),
    route({
      method: 'POST',
      path: '/drain',
      scope: 'parley:admin',
      summary: 'Empty this instance',
      description: DRAINING,
      status: 202,
      answer: InstanceDetail,
      handle: ({ actor }) => this.#drain(actor),
    }),
    route({
      method: 'POST',
      path: '/instances/:id/drain',
      scope: 'parley:admin',
      summary: 'Empty an instance',
      description: `${DRAINING} The request is passed on to the instance, which others must reach by INSTANCE_URL.`,
      status: 202,
      answer: InstanceDetail,
      refusals: ['instance_not_found', 'instance_unanswered'],
      elsewhere: async ({ id }, request, response) => {
        if (id === this.instances.id) return false;
        const path = `${ADMIN_PATH}/instances/${encodeURIComponent(id)}/drain`;
        switch (await this.instances.pass(id, request, response, path)) {
          case 'answered':
            return true;
          case 'unknown':
            throw instanceNotFound();
          case 'too_many':
            throw new AdminFailure(503, 'unavailable', 'Too many requests are being passed on', 'Try again soon.');
          case 'unanswered':
            throw new AdminFailure(
              502,
              'instance_unanswered',
              'The instance did not answer',
              'It may drain all the same: GET /admin/instances tells.',
            );
        }
      },
      handle: ({ actor }) => this.#drain(actor),
    }),
    route({
      method: 'GET',
      path: '/audit',
      scope: 'parley:admin',
      summary: 'What operators did, newest first',
      query: AuditInput,
      answer: page('entries', Entry),
      handle: async ({ query }) => {
        const { items, next = null } = await this.oversight.audit(query);
        return { entries: items.map(entry), next };
      },
    }),
  ];

  constructor(
    private readonly oversight: OversightService,
    private readonly operations: OperationsService,
    private readonly drains: DrainService,
    private readonly instances: InstancesService,
  ) {}

  async #drain(actor: Parameters<DrainService['begin']>[0]) {
    await this.drains.begin(actor);
    return instanceDetail(this.oversight.instance);
  }
}

const notTheNext = () =>
  new AdminFailure(
    400,
    'invalid_arguments',
    'after is not known',
    'Pass the `next` of the part before, or leave it out.',
  );
