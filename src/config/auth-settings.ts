import { ATTRIBUTE_NAME } from '../domain/participant.js';
import { ConfigurationError } from './checked.js';
import type { Environment } from './environment.js';

/** Where MCP is spoken. */
export const MCP_PATH = '/mcp';

/** How callers prove who they are. Times are milliseconds. */
export interface AuthSettings {
  readonly mode: 'none' | 'jwt' | 'introspection' | 'api-key';
  /** An operator's word that `none` is meant where others than this machine can connect. */
  readonly noneOnPublicAddress: boolean;
  /** The endpoint as clients know it, which tokens are issued for (RFC 8707); null when nobody has said it. */
  readonly resource: string | null;
  /** The authorization server; null when there is none. */
  readonly issuer: string | null;
  /** A token must be for one of them. */
  readonly audiences: readonly string[];
  readonly jwksUrl: string | null;
  readonly jwksCacheMs: number;
  /** How long after fetching the keys an unknown one is not asked for. */
  readonly jwksCooldownMs: number;
  readonly algorithms: readonly string[];
  /** How far the clocks of the authority and of this machine may differ. */
  readonly clockSkewMs: number;
  readonly introspection: { readonly url: string; readonly clientId: string; readonly clientSecret: string } | null;
  readonly apiKeysFile: string | null;
  /** How long the authority has to answer. */
  readonly timeoutMs: number;
  /** How long a verified token is believed before it is verified again. */
  readonly cacheMs: number;
  /** How many verified tokens are remembered. */
  readonly cacheTokens: number;
  /** Attributes of participants, and the claim that each comes from. */
  readonly claims: ReadonlyMap<string, string>;
  readonly displayNameClaim: string | null;
  /** The claim that names the tenant of a token. */
  readonly tenantClaim: string;
  /** Whom tokens are for when their audience says so, by audience; empty where it does not. */
  readonly tenantAudiences: ReadonlyMap<string, string>;
}

const NEEDED = {
  none: [],
  jwt: ['PUBLIC_URL', 'AUTH_ISSUER', 'AUTH_JWKS_URL'],
  introspection: ['PUBLIC_URL', 'AUTH_ISSUER', 'AUTH_INTROSPECTION_URL', 'AUTH_CLIENT_ID', 'AUTH_CLIENT_SECRET'],
  'api-key': ['API_KEYS_FILE'],
} as const satisfies Record<AuthSettings['mode'], readonly (keyof Environment)[]>;

/** @param path what comes before `/mcp`, e.g. `/t/acme`. @throws ConfigurationError */
export function authSettings(env: Environment, path: string): AuthSettings {
  const mode = env.AUTH_MODE as AuthSettings['mode'];
  const missing = NEEDED[mode].find((name) => env[name] === '');
  if (missing !== undefined) throw new ConfigurationError(`${missing} is required when AUTH_MODE is ${mode}`);
  const resource = env.PUBLIC_URL === '' ? null : new URL(env.PUBLIC_URL).origin + path + MCP_PATH;
  return Object.freeze({
    mode,
    noneOnPublicAddress: env.AUTH_NONE_ON_PUBLIC_ADDRESS,
    resource,
    issuer: orNull(env.AUTH_ISSUER),
    audiences: env.AUTH_AUDIENCE.length > 0 ? env.AUTH_AUDIENCE : resource === null ? [] : [resource],
    jwksUrl: orNull(env.AUTH_JWKS_URL),
    jwksCacheMs: env.AUTH_JWKS_CACHE_SECONDS * 1000,
    jwksCooldownMs: env.AUTH_JWKS_COOLDOWN_SECONDS * 1000,
    algorithms: env.AUTH_ALGORITHMS,
    clockSkewMs: env.AUTH_CLOCK_SKEW_SECONDS * 1000,
    introspection:
      env.AUTH_INTROSPECTION_URL === ''
        ? null
        : { url: env.AUTH_INTROSPECTION_URL, clientId: env.AUTH_CLIENT_ID, clientSecret: env.AUTH_CLIENT_SECRET },
    apiKeysFile: orNull(env.API_KEYS_FILE),
    timeoutMs: env.AUTH_TIMEOUT_MS,
    cacheMs: env.AUTH_CACHE_SECONDS * 1000,
    cacheTokens: env.AUTH_CACHE_TOKENS,
    claims: parseClaims(env.AUTH_CLAIMS),
    displayNameClaim: orNull(env.AUTH_DISPLAY_NAME_CLAIM),
    tenantClaim: env.AUTH_TENANT_CLAIM,
    tenantAudiences: new Map<string, string>(),
  });
}

const orNull = (text: string) => (text === '' ? null : text);

function parseClaims(text: string): ReadonlyMap<string, string> {
  if (text === '') return new Map();
  const wrong = new ConfigurationError(
    'AUTH_CLAIMS must be a JSON object of names of attributes to names of claims, e.g. {"groups":"groups"}',
  );
  let claims: unknown;
  try {
    claims = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) throw wrong;
  const entries = Object.entries(claims) as [string, unknown][];
  if (!entries.every(([name, claim]) => ATTRIBUTE_NAME.test(name) && typeof claim === 'string' && claim !== '')) {
    throw wrong;
  }
  return new Map(entries as [string, string][]);
}
