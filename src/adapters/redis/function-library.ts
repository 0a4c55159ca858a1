import { createHash } from 'node:crypto';

/** A library of one function, which bears its name. */
export interface Library {
  readonly name: string;
  /** As `FUNCTION LOAD` takes it. */
  readonly code: string;
}

/**
 * A library whose name says what is in it, so that instances of different versions each call their own.
 *
 * @param code Lua that defines a local function `call(keys, args)`
 */
export function libraryOf(prefix: string, code: string): Library {
  const name = `${prefix}_${createHash('sha256').update(code).digest('hex').slice(0, 16)}`;
  return { name, code: `#!lua name=${name}\n${code}\nredis.register_function('${name}', call)\n` };
}
