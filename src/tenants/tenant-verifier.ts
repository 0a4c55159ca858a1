import { Logger } from '@nestjs/common';
import { NEVER } from 'rxjs';
import type { AuthService } from '../auth/index.js';
import { subscribeSafely } from '../notifications/index.js';
import type { Identity, IdentityVerifier, Refusal } from '../ports/identity-verifier.js';
import type { Handover } from './handover.js';

/** The same words as for any other audience: who else the token may be for is nobody's business. */
const NOT_HERE: Refusal = { refused: 'The token is not for this service' };

/** Lets in who is let in at the front, if the token is for this tenant. */
export class TenantVerifier implements IdentityVerifier {
  readonly #logger = new Logger('Front');

  /** @param verifier, auth, handover those of the front */
  constructor(
    private readonly tenant: string,
    private readonly verifier: IdentityVerifier,
    private readonly auth: AuthService,
    private readonly handover: Handover,
  ) {}

  async verify(token: string): Promise<Identity | Refusal> {
    const found = this.handover.take(token) ?? (await this.verifier.verify(token));
    return 'refused' in found || found.tenant === this.tenant ? found : NOT_HERE;
  }

  onRevoked(tell: (principal: string) => void): void {
    subscribeSafely(this.auth.revoked, NEVER, this.#logger, tell);
  }
}
