/** What the service itself is configured by. */
export const serviceEnvironment = (): Readonly<Record<string, string | undefined>> => process.env;

/** What the command-line clients take from the environment. */
export interface CliEnvironment {
  /** Sent as `Authorization: Bearer …`; never printed. */
  readonly bearerToken?: string;
  /** The same for what operators do. */
  readonly adminToken?: string;
  /** Where operators' commands go unless they say otherwise. */
  readonly serviceUrl?: string;
  /** `NO_COLOR` (no-color.org) and `FORCE_COLOR`; undefined when neither is set. */
  readonly colour?: boolean;
  /** Whether the terminal can move its cursor. */
  readonly cursor: boolean;
}

export function cliEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): CliEnvironment {
  const { PARLEY_BEARER_TOKEN: bearerToken, PARLEY_ADMIN_TOKEN: adminToken, PARLEY_URL: serviceUrl } = env;
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: term } = env;
  const colour = forced ? !['0', 'false'].includes(forced) : refused ? false : undefined;
  return {
    ...(bearerToken && { bearerToken }),
    ...(adminToken && { adminToken }),
    ...(serviceUrl && { serviceUrl }),
    ...(colour !== undefined && { colour }),
    cursor: term !== 'dumb',
  };
}

/** Ink draws nothing where the environment is that of a CI machine; at a terminal there is a person all the same. */
export function forgetCi(): void {
  Object.assign(process.env, { CI: 'false', CONTINUOUS_INTEGRATION: 'false' });
}
