import type { Place } from '../../queue/index.js';
import { timeOf } from '../../domain/wording.js';

/** What keeps a ticket from being matched, as results show it: a party that is not complete, an offer that stands. */
export function standing({ missing, offer }: Place): object {
  return {
    ...(missing > 0 && { party_missing: missing }),
    ...(offer && {
      offer: {
        offer_id: offer.offerId,
        group_size: offer.groupSize,
        reasons: offer.reasons,
        expires_at: timeOf(offer.expiresAt),
        accepted: offer.accepted,
      },
    }),
  };
}
