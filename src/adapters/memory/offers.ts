import { offerNotFound } from '../../domain/errors.js';
import { headcount, type Reason } from '../../domain/ticket.js';
import type { Offer, OfferView } from '../../ports/state-store.js';
import { DueQueue } from './due-queue.js';
import type { ParticipantRecord } from './participant-record.js';
import type { TicketRecord } from './waiting-queue.js';

type Records = readonly TicketRecord<ParticipantRecord>[];

/** An offer that waits for answers. */
export class StandingOffer {
  /** Ids of those who have accepted. */
  readonly accepted = new Set<string>();

  constructor(
    readonly offer: Offer,
    readonly records: Records,
    readonly reasons: readonly Reason[],
    /** Grows from offer to offer. */
    readonly order: number,
  ) {}

  get groupSize(): number {
    return headcount(this.records.map((record) => record.ticket));
  }

  /** The tickets of those who are asked: all but an open room's. */
  get asked(): Records {
    return this.records.filter((record) => record.ticket.roomId === null);
  }

  /** The asked tickets of which not everybody has accepted. */
  get unanswered(): Records {
    return this.asked.filter((record) => !record.members.every((member) => this.accepted.has(member.id)));
  }

  view(participantId: string): OfferView {
    const { offerId, pool, expiresAt } = this.offer;
    const accepted = this.accepted.has(participantId);
    return { offerId, pool, groupSize: this.groupSize, reasons: this.reasons, expiresAt, accepted };
  }
}

/** The standing offers, of which each ticket has at most one. */
export class Offers {
  readonly #standing = new Map<string, StandingOffer>();
  readonly #ends = new DueQueue();
  #order = 0;

  get size(): number {
    return this.#standing.size;
  }

  /** The offer a ticket has. */
  of(record: TicketRecord<ParticipantRecord>): StandingOffer | undefined {
    return record.offerId === undefined ? undefined : this.#standing.get(record.offerId);
  }

  open(offer: Offer, records: Records, reasons: readonly Reason[]): StandingOffer {
    const standing = new StandingOffer(offer, records, reasons, ++this.#order);
    for (const record of records) record.offerId = offer.offerId;
    this.#standing.set(offer.offerId, standing);
    this.#ends.schedule(offer.offerId, offer.expiresAt);
    return standing;
  }

  close({ offer, records }: StandingOffer): void {
    for (const record of records) record.offerId = undefined;
    this.#standing.delete(offer.offerId);
    this.#ends.cancel(offer.offerId);
  }

  /**
   * The standing offer a participant answers: the one named, or the oldest of those it has not accepted yet.
   *
   * @throws ChatError `offer_not_found`
   */
  find(participant: ParticipantRecord, offerId: string | undefined, now: number): StandingOffer {
    let found: StandingOffer | undefined;
    for (const record of participant.tickets.values()) {
      const standing = this.of(record);
      if (!standing || now >= standing.offer.expiresAt) continue;
      if (offerId === undefined ? !found || isSooner(standing, found, participant.id) : record.offerId === offerId) {
        found = standing;
      }
    }
    if (!found) throw offerNotFound();
    return found;
  }

  /** Those whose time is up, the first to end first. */
  due(now: number): StandingOffer[] {
    return this.#ends.take(now).map((offerId) => this.#standing.get(offerId)!);
  }
}

/** Whether a participant who names no offer means the one rather than the other. */
function isSooner(one: StandingOffer, other: StandingOffer, participantId: string): boolean {
  const [accepted, otherAccepted] = [one.accepted.has(participantId), other.accepted.has(participantId)];
  return accepted === otherAccepted ? one.order < other.order : otherAccepted;
}
