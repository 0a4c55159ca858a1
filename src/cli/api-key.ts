import { parseArgs } from 'node:util';
import { ApiKeyError, createApiKey } from '../auth/index.js';
import { SCOPES, type Scope } from '../ports/identity-verifier.js';

export const API_KEY_USAGE = `parley api-key create: makes a key for AUTH_MODE=api-key

  --principal NAME   whom the key stands for; several keys may stand for one
  --scopes LIST      what it allows: ${SCOPES.join(', ')}; separated by commas, parley:chat by default
  --expires TIME     until when, e.g. 2030-01-31T00:00:00Z; for ever by default
  --tenant NAME      the tenant that it lets in to, where TENANTS_FILE lists several
  --help

The key is shown once and kept nowhere. Add the line to the file that API_KEYS_FILE names; a running service reads it
within a few seconds. To take the key back, remove its line.`;

const FLAGS = {
  principal: { type: 'string' },
  scopes: { type: 'string', default: 'parley:chat' },
  expires: { type: 'string' },
  tenant: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** `parley api-key`; returns the exit code. */
export function apiKey([action, ...args]: readonly string[]): number {
  try {
    const flags = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
    if (flags.help || action === '--help') {
      console.log(API_KEY_USAGE);
      return 0;
    }
    if (action !== 'create')
      throw new ApiKeyError(`create is the only thing to do, not ${JSON.stringify(action ?? '')}`);
    if (flags.principal === undefined) throw new ApiKeyError('--principal is required');
    const scopes = flags.scopes.split(',').map((scope) => scope.trim()) as Scope[];
    const { key, line } = createApiKey({
      principal: flags.principal,
      scopes,
      expires: flags.expires,
      tenant: flags.tenant,
    });
    console.log(`Key, shown only this once:  ${key}\nLine for API_KEYS_FILE:     ${line}`);
    return 0;
  } catch (error) {
    if (!(error instanceof ApiKeyError || isFlagError(error))) throw error;
    console.error(`parley api-key: ${error.message}\nSee parley api-key --help`);
    return 2;
  }
}

const isFlagError = (error: unknown): error is Error =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
