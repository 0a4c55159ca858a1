import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { ConfigurationError, isLoopback, ParleyConfig } from '../config/index.js';
import { Clock } from '../ports/clock.js';
import { type Identity, IdentityVerifier, type Refusal, type Scope } from '../ports/identity-verifier.js';
import type { Awaitable } from '../ports/awaitable.js';
import { AccessDenied } from './access-denied.js';
import { bearerOf, type NoBearer } from './bearer.js';
import { Grant } from './grant.js';
import { ENDPOINT_SCOPE, metadataUrl } from './protected-resource.js';

/** How often grants on which open streams depend are looked at, in milliseconds. */
const LOOK_MS = 1_000;
/** How many of them are verified again at a time, so that those who knock need not wait for them. */
const LOOKS_MAX = 50;
/** For how long a token that was refused is refused without another look, in milliseconds. */
const REFUSED_MS = 5_000;

/** A broader scope implies the narrower one; to talk is neither. */
const GRANTED_BY: Readonly<Record<Scope, readonly Scope[]>> = {
  'parley:chat': ['parley:chat'],
  'parley:moderate': ['parley:moderate', 'parley:admin'],
  'parley:admin': ['parley:admin'],
};

/** Whose requests are served: verifies bearer tokens, remembers for a while whom they stand for, and ends what they allowed. */
@Injectable()
export class AuthService implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Auth');
  readonly #revoked = new Subject<string>();
  /** By digest of the token. */
  readonly #grants = new Map<string, Grant>();
  readonly #refusals = new Map<string, { readonly why: string; readonly until: number }>();
  readonly #underWay = new Map<string, Promise<Grant>>();
  readonly #watched = new Map<Grant, IncomingMessage>();
  readonly #challenge: string;
  /** Whether the last look at a token failed, so that a long outage is one line in the log. */
  #failing = false;
  #looks = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Principals that are no longer let in. Subscribe with `subscribeSafely`. */
  readonly revoked: Observable<string> = this.#revoked.asObservable();

  constructor(
    @Inject(IdentityVerifier) private readonly verifier: IdentityVerifier | null,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const metadata = metadataUrl(config.auth);
    this.#challenge = metadata === undefined ? '' : `resource_metadata="${metadata}", `;
    verifier?.onRevoked?.((principal) => this.revoke(principal));
  }

  /** @throws ConfigurationError when nobody is asked who they are where everybody can connect */
  onModuleInit(): void {
    if (this.verifier) this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
    else requireNoneMeant(this.config);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.#revoked.complete();
  }

  /**
   * What the bearer token of a request allows; null when nobody is asked. Answers at once for a token that was verified
   * not long ago.
   * @param scope what it must allow at least; to talk, unless the request is for something else than the endpoint
   * @throws AccessDenied
   */
  authenticate(request: IncomingMessage, scope: Scope = ENDPOINT_SCOPE): Awaitable<Grant | null> {
    if (!this.verifier) return null;
    const bearer = bearerOf(request);
    if ('problem' in bearer) throw this.#withoutToken(bearer.problem, scope);
    const { token } = bearer;
    const digest = digestOf(token);
    const known = this.#grants.get(digest);
    if (known && this.clock.now() < known.freshUntil) return this.#allowed(known, scope);
    return this.#verified(digest, token, scope).then((grant) => this.#allowed(grant, scope));
  }

  /**
   * While nobody is asked who they are, everybody may talk and nobody may do more.
   * @throws AccessDenied 403
   */
  requireScope(grant: Grant | null, scope: Scope): void {
    if (grant) this.#allowed(grant, scope);
    else if (scope !== ENDPOINT_SCOPE)
      throw new AccessDenied(403, `This needs the scope ${scope}, and so authentication`);
  }

  /** Ends at once all that a principal was allowed: what it listens to, its webhooks, and belief in its tokens. */
  revoke(principal: string): void {
    const grants = new Set([...this.#grants.values(), ...this.#watched.keys()]);
    for (const grant of grants) if (grant.identity.principal === principal) grant.end(this.clock.now());
    this.#revoked.next(principal);
  }

  /** Ends what depends on tokens that are no longer any good, as it is found out; runs every second by itself. */
  look(): void {
    const now = this.clock.now();
    for (const [grant, request] of this.#watched) {
      if (grant.isOver(now)) grant.end(now);
      else if (grant.freshUntil <= now && this.#looks < LOOKS_MAX) void this.#lookAgain(grant, request);
    }
  }

  /** What is open stays open when the authority does not answer: it was allowed for as long as its token is good. */
  async #lookAgain(grant: Grant, request: IncomingMessage): Promise<void> {
    const bearer = bearerOf(request);
    if ('problem' in bearer) return;
    this.#looks++;
    try {
      const found = await this.#verified(digestOf(bearer.token), bearer.token);
      if (found.identity.principal !== grant.identity.principal) grant.end(this.clock.now());
      else if (found !== grant) grant.renew(found.identity, found.freshUntil);
      this.#allowed(grant, ENDPOINT_SCOPE);
    } catch (error) {
      if (error instanceof AccessDenied && error.status !== 503) grant.end(this.clock.now());
    } finally {
      this.#looks--;
    }
  }

  #verified(digest: string, token: string, scope: Scope = ENDPOINT_SCOPE): Promise<Grant> {
    const refusal = this.#refusals.get(digest);
    if (refusal && this.clock.now() < refusal.until) return Promise.reject(this.#refused(refusal.why, scope));
    let verifying = this.#underWay.get(digest);
    if (!verifying) {
      verifying = this.#verify(digest, token, scope).finally(() => this.#underWay.delete(digest));
      this.#underWay.set(digest, verifying);
    }
    return verifying;
  }

  async #verify(digest: string, token: string, scope: Scope): Promise<Grant> {
    let found: Identity | Refusal;
    try {
      found = await this.verifier!.verify(token);
    } catch (error) {
      if (!this.#failing) this.#logger.error({ msg: 'tokens cannot be verified', error: wordsOf(error) });
      this.#failing = true;
      throw new AccessDenied(503, 'Tokens cannot be verified for now; try again in a few seconds');
    }
    if (this.#failing) this.#logger.log({ msg: 'tokens can be verified again' });
    this.#failing = false;
    const now = this.clock.now();
    const { cacheMs } = this.config.auth;
    if ('refused' in found || (found.expiresAt ?? Infinity) <= now) {
      const why = 'refused' in found ? found.refused : 'The token has expired';
      this.#grants.get(digest)?.end(now);
      this.#grants.delete(digest);
      this.#remember(this.#refusals, digest, { why, until: now + REFUSED_MS });
      throw this.#refused(why, scope);
    }
    const freshUntil = Math.min(now + cacheMs, found.expiresAt ?? Infinity);
    const known = this.#grants.get(digest);
    if (known?.identity.principal === found.principal) {
      known.renew(found, freshUntil);
      return known;
    }
    const grant = new Grant(found, freshUntil, this.#watched);
    this.#remember(this.#grants, digest, grant);
    return grant;
  }

  /** Keeps as many as may be kept; the first to come goes first, and is looked at again when it is needed. */
  #remember<T>(memory: Map<string, T>, digest: string, value: T): void {
    memory.delete(digest);
    memory.set(digest, value);
    if (memory.size > this.config.auth.cacheTokens) memory.delete(memory.keys().next().value!);
  }

  #allowed(grant: Grant, scope: Scope): Grant {
    const { scopes } = grant.identity;
    if (GRANTED_BY[scope].some((each) => scopes.has(each))) return grant;
    const challenge = `Bearer error="insufficient_scope", ${this.#challenge}scope="${scope}", error_description="`;
    const message = `The token does not have the scope ${scope}`;
    throw new AccessDenied(403, message, `${challenge}${message}"`);
  }

  #withoutToken(problem: NoBearer, scope: Scope): AccessDenied {
    switch (problem) {
      case 'missing':
        // RFC 6750, section 3.1: no error code for a request that did not know it needs a token.
        return new AccessDenied(
          401,
          'A token is required: send it as Authorization: Bearer',
          `Bearer ${this.#challenge}scope="${scope}"`,
        );
      case 'malformed':
        return this.#malformed('Authorization must be Bearer and one token');
      case 'in the query':
        return this.#malformed('A token must be in the Authorization header, never in the address');
    }
  }

  #malformed(message: string): AccessDenied {
    return new AccessDenied(400, message, `Bearer error="invalid_request", error_description="${message}"`);
  }

  #refused(why: string, scope: Scope): AccessDenied {
    const challenge = `Bearer error="invalid_token", ${this.#challenge}scope="${scope}", error_description="`;
    return new AccessDenied(401, why, `${challenge}${quotable(why)}"`);
  }
}

const digestOf = (token: string) => hash('sha256', token, 'base64url');

/** What failed, without what anybody sent. */
function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === undefined ? message : `${message}: ${code}`;
}

/** What may stand in a quoted string (RFC 6750, section 3): a verifier of the host's own may say anything. */
const quotable = (text: string) => text.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');

function requireNoneMeant({ auth, host }: ParleyConfig): void {
  const idle = Object.entries({
    AUTH_ISSUER: auth.issuer,
    AUTH_JWKS_URL: auth.jwksUrl,
    AUTH_INTROSPECTION_URL: auth.introspection,
    API_KEYS_FILE: auth.apiKeysFile,
  }).find(([, value]) => value !== null);
  if (idle) throw new ConfigurationError(`AUTH_MODE must not be none when ${idle[0]} is set`);
  if (isLoopback(host) || auth.noneOnPublicAddress) return;
  throw new ConfigurationError(
    `AUTH_MODE must not be none when HOST is ${host}: anybody who reaches it could use the service. ` +
      'AUTH_NONE_ON_PUBLIC_ADDRESS=true says that something in front of it decides who does',
  );
}
