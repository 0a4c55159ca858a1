import type { AuthSettings } from '../../config/index.js';
import type { Clock } from '../../ports/clock.js';
import type { Identity, IdentityVerifier, Refusal } from '../../ports/identity-verifier.js';
import { type Claims, identityOf } from '../claims.js';

/** Most questions under way at a time; whoever comes with more unknown tokens is told to come back. */
const QUESTIONS_MAX = 100;

/** Asks the authority about each token (RFC 7662). */
export class IntrospectionVerifier implements IdentityVerifier {
  readonly #credentials: string;
  #underWay = 0;

  constructor(
    private readonly settings: AuthSettings,
    private readonly clock: Clock,
  ) {
    const { clientId, clientSecret } = settings.introspection!;
    // RFC 6749, section 2.3.1.
    const encode = (text: string) => new URLSearchParams({ _: text }).toString().slice(2);
    this.#credentials = Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64');
  }

  async verify(token: string): Promise<Identity | Refusal> {
    if (this.#underWay >= QUESTIONS_MAX) throw new Error('too many tokens to ask about');
    this.#underWay++;
    try {
      return this.#judge(await this.#ask(token));
    } finally {
      this.#underWay--;
    }
  }

  async #ask(token: string): Promise<Claims> {
    const response = await fetch(this.settings.introspection!.url, {
      method: 'POST',
      headers: { Authorization: `Basic ${this.#credentials}`, Accept: 'application/json' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      redirect: 'manual',
      signal: AbortSignal.timeout(this.settings.timeoutMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`the introspection endpoint answered with status ${response.status}`);
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (typeof answer !== 'object' || answer === null || typeof (answer as Claims)['active'] !== 'boolean') {
      throw new Error('the introspection endpoint answered with no introspection response');
    }
    return answer as Claims;
  }

  #judge(claims: Claims): Identity | Refusal {
    const { issuer, audiences, clockSkewMs } = this.settings;
    const { active, iss, aud, exp, nbf } = claims;
    const now = this.clock.now();
    if (active !== true) return { refused: 'The token is unknown, has expired or was revoked' };
    if (iss !== undefined && iss !== issuer) return { refused: 'The token is from another issuer' };
    const meant: unknown[] = Array.isArray(aud) ? aud : [aud];
    if (!audiences.some((audience) => meant.includes(audience)))
      return { refused: 'The token is not for this service' };
    if (typeof exp === 'number' && exp * 1000 + clockSkewMs <= now) return { refused: 'The token has expired' };
    if (typeof nbf === 'number' && nbf * 1000 - clockSkewMs > now) return { refused: 'The token is not valid yet' };
    return identityOf(claims, this.settings);
  }
}
