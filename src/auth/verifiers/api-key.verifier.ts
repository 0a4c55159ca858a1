import { timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ConfigurationError } from '../../config/index.js';
import type { Identity, IdentityVerifier, Refusal } from '../../ports/identity-verifier.js';
import { type ApiKey, digestOf, parseApiKeys } from './api-keys.js';

/** How often the file is looked at, in milliseconds. */
const LOOK_MS = 2_000;

const UNKNOWN: Refusal = { refused: 'The key is not known' };

/** Random keys whose digests are in a file. The file is read again when it changes. */
export class ApiKeyVerifier implements IdentityVerifier, OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Auth');
  #keys: ReadonlyMap<string, ApiKey> = new Map();
  #tell: (principal: string) => void = () => undefined;
  /** What the file was like when it was read last. */
  #version = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly path: string) {}

  /** @throws ConfigurationError when the file cannot be read or says what it must not */
  onModuleInit(): void {
    try {
      this.#version = versionOf(this.path);
      this.#keys = readKeys(this.path);
    } catch (error) {
      throw new ConfigurationError(`API_KEYS_FILE: ${(error as Error).message}`);
    }
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  verify(token: string): Identity | Refusal {
    const digest = digestOf(token);
    const key = this.#keys.get(digest);
    if (!key || !timingSafeEqual(Buffer.from(key.sha256), Buffer.from(digest))) return UNKNOWN;
    return {
      principal: principalOf(key),
      scopes: new Set(key.scopes),
      expiresAt: key.expires === undefined ? null : Date.parse(key.expires),
      attributes: {},
      tenant: key.tenant,
    };
  }

  onRevoked(tell: (principal: string) => void): void {
    this.#tell = tell;
  }

  /**
   * Reads the file again if it has changed; runs by itself. A file that is wrong changes nothing: those who had a key
   * keep it.
   */
  look(): void {
    const before = this.#keys;
    const version = versionOf(this.path);
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#keys = readKeys(this.path);
    } catch (error) {
      this.#logger.error({ msg: 'API keys not read, those known stay', error: (error as Error).message });
      return;
    }
    this.#logger.log({ msg: 'API keys read', keys: this.#keys.size });
    const left = principalsOf(this.#keys);
    for (const principal of principalsOf(before)) if (!left.has(principal)) this.#tell(principal);
  }
}

const readKeys = (path: string): ReadonlyMap<string, ApiKey> =>
  new Map(parseApiKeys(readFileSync(path, 'utf8')).map((key) => [key.sha256, key]));

/** Differs when a file was changed or put in another's place; empty when there is none. */
function versionOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? [stat.ino, stat.mtimeMs, stat.size].join() : '';
}

/** Apart from the principals of an issuer, which is a URL, and from those of other tenants. */
const principalOf = ({ principal, tenant }: ApiKey) =>
  tenant === undefined ? `api-key#${principal}` : `api-key#${tenant}/${principal}`;

const principalsOf = (keys: ReadonlyMap<string, ApiKey>) => new Set([...keys.values()].map(principalOf));
