import { hash, randomBytes } from 'node:crypto';
import { TENANT_NAME } from '../../config/index.js';
import { SCOPES, type Scope } from '../../ports/identity-verifier.js';

const KEY_BYTES = 32;
const PRINCIPAL = /^[\w.@:-]{1,128}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** One line of the file of keys. The key itself is nowhere kept. */
export interface ApiKey {
  readonly principal: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the key, in hexadecimal. */
  readonly sha256: string;
  /** RFC 3339; without it the key is good until its line is taken out. */
  readonly expires?: string;
  /** The tenant that it lets in to, where there are several. */
  readonly tenant?: string;
}

/** What is wrong with the file of keys, or with a key to be made. It never repeats a key. */
export class ApiKeyError extends Error {
  override readonly name = 'ApiKeyError';
}

/** A new random key and the line that lets it in. @throws ApiKeyError */
export function createApiKey(key: Omit<ApiKey, 'sha256'>): { key: string; line: string } {
  const secret = `parley_key_${randomBytes(KEY_BYTES).toString('base64url')}`;
  const line = JSON.stringify({ ...key, sha256: digestOf(secret) });
  const wrong = problemOf(JSON.parse(line));
  if (wrong !== undefined) throw new ApiKeyError(wrong);
  return { key: secret, line };
}

export const digestOf = (key: string) => hash('sha256', key);

/** The keys of a file: a JSON object per line; empty lines and those that begin with `#` say nothing. @throws ApiKeyError */
export function parseApiKeys(text: string): ApiKey[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const key = parsed(line);
    const wrong = problemOf(key);
    if (wrong !== undefined) throw new ApiKeyError(`line ${index + 1}: ${wrong}`);
    return [key as ApiKey];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function problemOf(key: unknown): string | undefined {
  if (typeof key !== 'object' || key === null) return 'must be a JSON object with principal, scopes and sha256';
  const { principal, scopes, sha256, expires, tenant, ...unknown } = key as Partial<Record<keyof ApiKey, unknown>>;
  const [extra] = Object.keys(unknown);
  if (extra !== undefined)
    return `${JSON.stringify(extra.slice(0, 64))} is not known; principal, scopes, sha256, expires, tenant are`;
  if (typeof principal !== 'string' || !PRINCIPAL.test(principal)) {
    return 'principal must be 1 to 128 letters, digits, "_", ".", "@", ":" and "-"';
  }
  const known: readonly unknown[] = SCOPES;
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every((scope) => known.includes(scope))) {
    return `scopes must list some of ${SCOPES.join(', ')}`;
  }
  if (typeof sha256 !== 'string' || !DIGEST.test(sha256)) return 'sha256 must be 64 hexadecimal digits in lower case';
  if (
    expires !== undefined &&
    (typeof expires !== 'string' || !TIME.test(expires) || Number.isNaN(Date.parse(expires)))
  ) {
    return 'expires must be a time like 2030-01-31T00:00:00Z';
  }
  if (tenant !== undefined && (typeof tenant !== 'string' || !TENANT_NAME.test(tenant))) {
    return 'tenant must be 1 to 32 of a-z, 0-9 and -';
  }
  return undefined;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
