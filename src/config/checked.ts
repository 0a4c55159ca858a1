import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';

/** A setting that is not what it must be. The message names the setting and the rule; it never repeats a secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * What was given, as an instance of a class-validator class; values are taken as they are unless the class says otherwise.
 *
 * @param path what the whole is called, e.g. `POOLS[1]`; a single setting is then `POOLS[1].name`
 * @throws ConfigurationError naming every setting that is wrong
 */
export function checked<T extends object>(type: new () => T, given: object, path = ''): T {
  const { value, problems } = inspect(type, given, path);
  if (problems.length > 0) throw new ConfigurationError(problems.join('; '));
  return value;
}

/** As `checked`, but says what is wrong with each property instead of throwing. */
export function inspect<T extends object>(
  type: new () => T,
  given: object,
  path = '',
): { readonly value: T; readonly problems: readonly string[] } {
  // Defaults may be as plain as what is given; nested ones become instances with it.
  const value = plainToInstance(type, { ...new type(), ...given });
  const errors = validateSync(value, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false });
  return { value, problems: errors.flatMap((error) => describe(error, path)) };
}

function describe(error: ValidationError, path: string): string[] {
  const { property, constraints, children = [] } = error;
  const here = `${path}${/^\d+$/.test(property) ? `[${property}]` : path === '' ? property : `.${property}`}`;
  // Rules are listed from the last to the first, which says what kind of value it must be.
  const broken = Object.entries(constraints ?? {}).at(-1);
  if (!broken) return children.flatMap((child) => describe(child, here));
  const [rule, message] = broken;
  if (rule === 'whitelistValidation') return [`${here} is not a known setting`];
  // Messages that come with a rule start with the property, or speak of "each value in" it.
  if (message.startsWith(`${property} `)) return [here + message.slice(property.length)];
  return [message.startsWith('must ') ? `${here} ${message}` : `${here}: ${message}`];
}
