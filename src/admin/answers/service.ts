import type { InstanceState, Lag, Lags } from '../../operations/index.js';
import type { AuditEntry } from '../../ports/audit-log.js';
import type { InstanceRecord } from '../../ports/instance-registry.js';
import type { FailureCategory, WebhookSubscription } from '../../ports/webhook-store.js';
import {
  anything,
  byName,
  flag,
  list,
  named,
  nullable,
  number,
  object,
  oneOf,
  text,
  time,
  type TypeOf,
  whole,
} from '../schema.js';
import { iso, isoOrNull, seconds } from './common.js';
import { Pool } from './pools.js';

const STAGES = ['serving', 'draining', 'drained'] as const;
const instanceShape = {
  id: text(),
  url: nullable(text('Where the others reach it.')),
  stage: oneOf(STAGES, 'draining: it goes on with what it has. drained: it serves nobody any more and may be ended.'),
  version: text(),
  started_at: time(),
};

export const Instance = named('Instance', object(instanceShape));

export const instance = ({ id, url, stage, version, startedAt }: InstanceRecord): TypeOf<typeof Instance> => ({
  id,
  url,
  stage,
  version,
  started_at: iso(startedAt),
});

export const InstanceDetail = named(
  'InstanceDetail',
  object({
    ...instanceShape,
    sessions: whole('Sessions of the 2025 revisions.'),
    streams: whole('Open event streams.'),
    waits: whole('Long polls.'),
    forwards: whole('Requests that are being passed on to other instances.'),
    leads: flag('Whether it carries out upkeep for all.'),
    state_reachable: flag(),
  }),
);

export function instanceDetail(state: InstanceState): TypeOf<typeof InstanceDetail> {
  const { sessions, streams, waits, forwards, leads, stateReachable } = state;
  return { ...instance(state), sessions, streams, waits, forwards, leads, state_reachable: stateReachable };
}

export const Instances = object({ this: InstanceDetail, others: list(Instance) });

const LagAnswer = named(
  'Lag',
  object({
    pending: whole('What waits to be taken.'),
    behind_seconds: number('For how long the oldest of it has.'),
    lost: whole('What was dropped because the outbox was full.'),
    failures: whole('Failed attempts of this instance in a row.'),
  }),
);

const lag = (found: Lag | null): TypeOf<typeof LagAnswer> | null =>
  found && {
    pending: found.pending,
    behind_seconds: seconds(found.behindMs),
    lost: found.lost,
    failures: found.failures,
  };

export const LagsAnswer = named(
  'Lags',
  object({
    history: nullable(LagAnswer),
    message_queue: nullable(LagAnswer),
    webhooks: object({ subscriptions: whole(), pending: whole('Deliveries that are outstanding.') }),
  }),
);

export const lags = ({ history, messageQueue, webhooks }: Lags): TypeOf<typeof LagsAnswer> => ({
  history: lag(history),
  message_queue: lag(messageQueue),
  webhooks: { subscriptions: webhooks.subscriptions, pending: webhooks.pending },
});

export const Overview = object({
  caller: object({
    principal: text(),
    scopes: list(oneOf(['parley:moderate', 'parley:admin'], 'What the caller may do here.')),
  }),
  totals: object({ participants: whole(), active_rooms: whole(), tickets: whole(), open_cases: whole() }),
  pools: list(Pool),
  instance: InstanceDetail,
  lags: LagsAnswer,
});

const FAILURES = [
  'connection_refused',
  'timeout',
  'tls_error',
  'http_4xx',
  'http_5xx',
  'challenge_failed',
] as const satisfies readonly FailureCategory[];

export const Webhook = named(
  'Webhook',
  object({
    id: text(),
    user_id: text(),
    event: text(),
    url: text('Without what may hold secrets: user, query and fragment.'),
    active: flag('False while deliveries are suspended.'),
    created_at: time(),
    expires_at: time(),
    paused_until: nullable(time('The endpoint has asked for nothing before.')),
    last_delivery_at: nullable(time()),
    last_error: nullable(oneOf(FAILURES)),
    failures: whole('Failed attempts since the last that did not fail.'),
    pending: whole('Deliveries that are outstanding.'),
  }),
);

export const webhook = (found: WebhookSubscription): TypeOf<typeof Webhook> => ({
  id: found.id,
  user_id: found.participantId,
  event: found.name,
  url: withoutSecrets(found.url),
  active: found.active,
  created_at: iso(found.createdAt),
  expires_at: iso(found.expiresAt),
  paused_until: isoOrNull(found.pausedUntil === 0 ? null : found.pausedUntil),
  last_delivery_at: isoOrNull(found.lastDeliveryAt),
  last_error: found.lastError,
  failures: found.failures,
  pending: found.pending,
});

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

export const Entry = named(
  'AuditEntry',
  object({
    id: text(),
    at: time(),
    actor: text('The principal of the operator.'),
    action: text(),
    subject: text(),
    outcome: oneOf(['done', 'refused', 'failed']),
    details: byName(anything('A plain value.')),
  }),
);

export const entry = ({ id, at, actor, action, subject, outcome, details }: AuditEntry): TypeOf<typeof Entry> => ({
  id,
  at: iso(at),
  actor,
  action,
  subject,
  outcome,
  details,
});
