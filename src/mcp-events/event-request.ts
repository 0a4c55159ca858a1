import { invalidParams, unsupportedMode } from './event-errors.js';
import {
  checkArguments,
  type DeliveryMode,
  type EventArguments,
  type EventType,
  requireEventType,
} from './event-types.js';

type Params = Readonly<Record<string, unknown>>;

/** Where a subscription is to start: null is now. `maxAgeMs` milliseconds is as far back as it goes. */
export interface StartRequest {
  readonly cursor: string | null;
  readonly maxAgeMs: number | undefined;
}

/** What `events/poll`, `events/stream` and `events/subscribe` have in common, checked. */
export interface EventRequest extends StartRequest {
  readonly type: EventType;
  readonly args: EventArguments;
}

/** @throws EventsError InvalidParams, NotFound, Unsupported; ChatError `invalid_arguments` */
export function readRequest(params: Params, mode: DeliveryMode): EventRequest {
  const type = requireEventType(params['name']);
  if (!type.delivery.includes(mode)) throw unsupportedMode(mode);
  const args = checkArguments(type, params['arguments']);
  const cursor = params['cursor'] ?? null;
  if (cursor !== null && typeof cursor !== 'string') throw invalidParams('cursor must be a string or null');
  return { type, args, cursor, maxAgeMs: optionalWhole(params, 'maxAgeMs', 0) };
}

/** @throws EventsError InvalidParams when it is there and no whole number from `min` on */
export function optionalWhole(params: Params, name: string, min: number): number | undefined {
  const value = params[name];
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= min))
    return value as number | undefined;
  throw invalidParams(`${name} must be a whole number, at least ${min}`);
}
