import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { AccessDenied, AuthService, bearerOf } from '../auth/index.js';
import { ParleyConfig } from '../config/index.js';
import { TokenBucket } from '../domain/token-bucket.js';
import { Door } from '../mcp-transport/index.js';
import type { Actor } from '../moderation/index.js';
import { Clock } from '../ports/clock.js';
import type { Scope } from '../ports/identity-verifier.js';
import { AdminFailure, SIGN_IN } from './failure.js';

/** How many tokens that are no good an address may show. */
const FAILURES = { burst: 10, perMs: 60_000 };
/** Addresses remembered; the one that was first goes first. */
const ADDRESSES_MAX = 10_000;

/** Whoever shows ADMIN_TOKEN. */
const BY_TOKEN: Actor = { principal: 'admin-token', scopes: new Set<string>(['parley:admin']) };

/** Lets operators in: those who show ADMIN_TOKEN, and those whose own token has the scope. */
@Injectable()
export class AdminAccess {
  readonly #logger = new Logger('Admin');
  readonly #door: Door;
  readonly #token: Buffer | undefined;
  /** By address. */
  readonly #failures = new Map<string, TokenBucket>();

  constructor(
    private readonly auth: AuthService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ParleyConfig) config: ParleyConfig,
  ) {
    this.#door = new Door(config);
    const token = config.admin?.token;
    if (token) this.#token = digest(token);
  }

  /** Host and origin are checked first, as everywhere. @throws AdminFailure, AccessDenied, RpcError */
  async admit(request: IncomingMessage, scope: Scope): Promise<Actor> {
    this.#door.admit(request);
    if (this.#showsToken(request)) return BY_TOKEN;
    const address = request.socket.remoteAddress ?? '';
    this.#requirePatience(address);
    try {
      return this.#actor(await this.auth.authenticate(request, scope)) ?? this.#refuse(request);
    } catch (error) {
      if ((error instanceof AccessDenied || error instanceof AdminFailure) && error.status === 401) {
        if (!('problem' in bearerOf(request))) this.#failed(address);
      }
      throw error;
    }
  }

  #actor(grant: Awaited<ReturnType<AuthService['authenticate']>>): Actor | undefined {
    return grant ? { principal: grant.identity.principal, scopes: grant.identity.scopes } : undefined;
  }

  /** Nobody is asked who they are, so only the token would do. */
  #refuse(request: IncomingMessage): never {
    if (!this.#token) {
      throw new AdminFailure(
        403,
        'not_configured',
        'Nobody is known as an operator here',
        'On the service, set ADMIN_TOKEN to a secret of at least 32 characters, or AUTH_MODE to have tokens with scopes.',
      );
    }
    const shown = 'token' in bearerOf(request);
    throw new AdminFailure(
      401,
      'unauthenticated',
      shown ? 'The token is not ADMIN_TOKEN' : 'A token is required',
      SIGN_IN,
      {
        'WWW-Authenticate': `Bearer${shown ? ' error="invalid_token", error_description="The token is not ADMIN_TOKEN"' : ''}`,
      },
    );
  }

  /** In constant time, whatever the lengths. */
  #showsToken(request: IncomingMessage): boolean {
    if (!this.#token) return false;
    const bearer = bearerOf(request);
    return 'token' in bearer && timingSafeEqual(digest(bearer.token), this.#token);
  }

  /** Who shows too many that are no good is refused without another look; ADMIN_TOKEN itself is never kept out. */
  #requirePatience(address: string): void {
    const waitMs = this.#failures.get(address)?.wait(this.clock.now()) ?? 0;
    if (waitMs === 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    throw new AdminFailure(429, 'rate_limited', 'Too many tokens that are no good', `Wait ${seconds} s.`, {
      'Retry-After': String(seconds),
    });
  }

  #failed(address: string): void {
    const now = this.clock.now();
    let bucket = this.#failures.get(address);
    if (!bucket) {
      if (this.#failures.size >= ADDRESSES_MAX) this.#failures.delete(this.#failures.keys().next().value!);
      this.#failures.set(address, (bucket = new TokenBucket(FAILURES, now)));
    }
    bucket.take(now);
    this.#logger.warn({ msg: 'a token was refused', address });
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest();
