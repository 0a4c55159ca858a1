import type { AuthService } from '../auth/index.js';
import type { Identity, IdentityVerifier, Refusal } from '../ports/identity-verifier.js';

/** The same words as for any other audience: who else the token may be for is nobody's business. */
const NOT_HERE: Refusal = { refused: 'The token is not for this service' };

/** Lets in who is let in at the front, if the token is for this tenant. */
export class TenantVerifier implements IdentityVerifier {
  /** @param verifier, auth those of the front */
  constructor(
    private readonly tenant: string,
    private readonly verifier: IdentityVerifier,
    private readonly auth: AuthService,
  ) {}

  async verify(token: string): Promise<Identity | Refusal> {
    const found = await this.verifier.verify(token);
    return 'refused' in found || found.tenant === this.tenant ? found : NOT_HERE;
  }

  onRevoked(tell: (principal: string) => void): void {
    this.auth.revoked.subscribe(tell);
  }
}
