import type { Type } from '@nestjs/common';
import { inspect } from '../config/index.js';
import { schemaOf } from '../mcp-transport/index.js';
import { AdminFailure } from './failure.js';

/** What a request says, as an instance of its class. @throws AdminFailure naming everything that is wrong */
export function input<T extends object>(type: Type<T> | undefined, given: unknown, what: 'query' | 'body'): T {
  const values = given ?? {};
  if (typeof values !== 'object' || Array.isArray(values)) {
    throw new AdminFailure(400, 'invalid_body', `The ${what} must be a JSON object`, known(type, what));
  }
  const { value, problems } = inspect(type ?? (Nothing as Type<T>), values);
  if (problems.length === 0) return value;
  const message = problems.join('; ').replaceAll(' is not a known setting', ` is not known in the ${what}`);
  throw new AdminFailure(400, 'invalid_arguments', message.slice(0, 1_000), known(type, what));
}

class Nothing {}

const known = (type: Type | undefined, what: string): string => {
  const names = type === undefined ? [] : Object.keys(schemaOf(type)['properties'] as object);
  return names.length === 0 ? `Leave the ${what} empty.` : `The ${what} may hold: ${names.join(', ')}.`;
};
