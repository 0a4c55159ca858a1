import type {
  Delivery,
  ErrorCodes,
  FailureCategory,
  NewSubscription,
  WebhookSubscription,
} from '../../../ports/webhook-store.js';

/** Fields and values by turns, how many deliveries are outstanding, the watermark, and that of a delivery that begins. */
export type WireView = readonly [flat: readonly string[], pending: number, watermark: string, arrived?: string];

export type WireDelivery = readonly [
  subscriptionId: string,
  participantId: string,
  endpoint: string,
  seq: string,
  attempts: string,
  since: string,
  messageId?: string,
];

/** The fields of a new subscription, all as text. */
export function writeSubscription(input: NewSubscription): Readonly<Record<string, string>> {
  const { arguments: args, expiresAt, seen, previousSecretUntil, ...texts } = input;
  return {
    ...texts,
    arguments: JSON.stringify(args),
    expiresAt: String(expiresAt),
    seen: String(seen),
    previousSecretUntil: String(previousSecretUntil),
  };
}

export function readSubscription([flat, pending, watermark]: WireView): WebhookSubscription {
  const fields = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) fields.set(flat[i]!, flat[i + 1]!);
  const text = (name: keyof WebhookSubscription) => fields.get(name)!;
  const number = (name: keyof WebhookSubscription) => Number(text(name));
  const numberIfAny = (name: keyof WebhookSubscription) => (fields.has(name) ? number(name) : null);
  const flag = (name: keyof WebhookSubscription) => text(name) === '1';
  return {
    id: text('id'),
    participantId: text('participantId'),
    logId: text('logId'),
    name: text('name'),
    arguments: JSON.parse(text('arguments')) as WebhookSubscription['arguments'],
    url: text('url'),
    endpoint: text('endpoint'),
    secret: text('secret'),
    codes: text('codes') as ErrorCodes,
    expiresAt: number('expiresAt'),
    seen: number('seen'),
    previousSecretUntil: number('previousSecretUntil'),
    previousSecret: fields.get('previousSecret') ?? null,
    createdAt: number('createdAt'),
    active: flag('active'),
    lost: flag('lost'),
    gapDue: flag('gapDue'),
    pausedUntil: number('pausedUntil'),
    lastDeliveryAt: numberIfAny('lastDeliveryAt'),
    lastError: (fields.get('lastError') ?? null) as FailureCategory | null,
    failedSince: numberIfAny('failedSince'),
    failures: number('failures'),
    pending,
    watermark: Number(watermark),
  };
}

export function readDelivery(wire: WireDelivery): Delivery {
  const [subscriptionId, participantId, endpoint, seq, attempts, since, messageId] = wire;
  return {
    subscriptionId,
    participantId,
    endpoint,
    seq: Number(seq),
    attempts: Number(attempts),
    since: Number(since),
    ...(messageId !== undefined && { messageId }),
  };
}
