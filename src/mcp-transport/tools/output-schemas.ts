import type { JsonSchema } from '../json-schema.js';

const text = { type: 'string' };
const whole = { type: 'integer' };
const list = (items: JsonSchema) => ({ type: 'array', items });

/** An object whose listed properties are required unless their name ends with `?`. */
export function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const names = Object.keys(properties);
  const required = names.filter((name) => !name.endsWith('?'));
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name.replace('?', ''), properties[name]])),
    ...(required.length > 0 && { required }),
  };
}

const reason = object({ code: text, text });

export const Schema = {
  text,
  whole,
  list,
  flag: { type: 'boolean' },
  position: { type: ['integer', 'null'] },
  partner: object({ user_id: text, display_name: text }),
  sender: object({ user_id: text, display_name: text, provenance: { enum: ['human', 'agent', 'human_via_agent'] } }),
  reason,
  offer: object({
    offer_id: text,
    group_size: whole,
    reasons: list(reason),
    expires_at: text,
    accepted: { type: 'boolean' },
  }),
  event: object({ event_id: text, name: text, timestamp: text, cursor: text, data: { type: 'object' } }),
} as const;

/** `{success: true}` and nothing else. */
export const SUCCESS = object({ success: Schema.flag });
