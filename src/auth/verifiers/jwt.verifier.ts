import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { AuthSettings } from '../../config/index.js';
import type { Clock } from '../../ports/clock.js';
import type { Identity, IdentityVerifier, Refusal } from '../../ports/identity-verifier.js';
import { identityOf } from '../claims.js';

/** What can be wrong with a claim, in words that say no more than the bearer knows. */
const WRONG_CLAIM: Readonly<Record<string, string>> = {
  aud: 'The token is not for this service',
  iss: 'The token is from another issuer',
  nbf: 'The token is not valid yet',
  exp: 'The token does not say when it expires',
  sub: 'The token names no subject',
};

/**
 * JSON Web Tokens signed by the issuer (RFC 9068). Its keys are fetched when they are first needed, kept for a while, and
 * fetched again when a token names one that is not among them.
 */
export class JwtVerifier implements IdentityVerifier {
  readonly #keys: JWTVerifyGetKey;

  constructor(
    private readonly settings: AuthSettings,
    private readonly clock: Clock,
  ) {
    this.#keys = createRemoteJWKSet(new URL(settings.jwksUrl!), {
      timeoutDuration: settings.timeoutMs,
      cacheMaxAge: settings.jwksCacheMs,
      cooldownDuration: settings.jwksCooldownMs,
    });
  }

  async verify(token: string): Promise<Identity | Refusal> {
    const { issuer, audiences, algorithms, clockSkewMs } = this.settings;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: issuer!,
        audience: [...audiences],
        algorithms: [...algorithms],
        clockTolerance: clockSkewMs / 1000,
        currentDate: new Date(this.clock.now()),
        requiredClaims: ['exp', 'sub'],
      });
      return identityOf(payload, this.settings);
    } catch (error) {
      const refused = reasonOf(error);
      if (refused === undefined) throw error;
      return { refused };
    }
  }
}

/** What is wrong with the token; undefined when nothing is, because the keys could not be had. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'The token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return WRONG_CLAIM[error.claim] ?? 'A claim is not what it must be';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is signed with an algorithm that is not allowed';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return 'The token names no key of the issuer';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature is wrong';
  if (
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSENotSupported
  ) {
    return 'The token is not a signed JSON Web Token';
  }
  return undefined;
}
