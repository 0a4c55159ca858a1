import type { PoolSettings } from '../config/index.js';
import { ChatError, participantNotFound, roomNotFound } from '../domain/errors.js';
import type { ParticipantFacts, RoomFacts } from '../ports/operator-steps.js';

/** @throws ChatError `unknown_pool` */
export function requirePool(pools: ReadonlyMap<string, PoolSettings>, name: string): void {
  if (pools.has(name)) return;
  const known = [...pools.keys()].join(', ');
  throw new ChatError('unknown_pool', `Unknown pool ${JSON.stringify(name.slice(0, 64))}`, `Use one of: ${known}.`);
}

export function roomFactsRequired(room: RoomFacts | undefined): RoomFacts {
  if (!room) throw roomNotFound();
  return room;
}

export function participantFactsRequired(participant: ParticipantFacts | undefined): ParticipantFacts {
  if (!participant) throw participantNotFound();
  return participant;
}

export const webhookNotFound = () =>
  new ChatError('webhook_not_found', 'Webhook not found', 'It has ended or expired. List the webhooks again.');

export const instanceNotFound = () =>
  new ChatError(
    'instance_not_found',
    'Instance not found',
    'It is gone, or others do not reach it: without INSTANCE_URL only the instance itself takes requests for it.',
  );
