import { Injectable } from '@nestjs/common';
import { howToAnswer, namedAll, timeOf, watched } from '../../domain/wording.js';
import { type ExplainedPlace, QueueService } from '../../queue/index.js';
import { RoomsService } from '../../rooms/index.js';
import { object, Schema } from './output-schemas.js';
import { standing } from './standing.js';

/** What a result that tells where a participant stands has, besides who it is and a cursor. */
export const STATUS = {
  tickets: Schema.list(
    object({
      ticket_id: Schema.text,
      pool: Schema.text,
      group_size: Schema.whole,
      'min_group_size?': Schema.whole,
      position: Schema.position,
      queue_length: Schema.whole,
      estimated_wait_seconds: Schema.position,
      enqueued_at: Schema.text,
      reasons: Schema.list(Schema.reason),
      'party_missing?': Schema.whole,
      'offer?': Schema.offer,
    }),
  ),
  rooms: Schema.list(
    object({
      room_id: Schema.text,
      'pool?': Schema.text,
      'room_name?': Schema.text,
      partners: Schema.list(Schema.partner),
      unread: Schema.whole,
      last_seq: Schema.whole,
      supervised: Schema.flag,
    }),
  ),
};

/** Where a participant stands, as data and as text. */
export interface Status {
  readonly facts: { readonly tickets: readonly object[]; readonly rooms: readonly object[] };
  readonly text: string;
}

/** Tells where a participant stands: the queues it waits in, the rooms it is in. */
@Injectable()
export class StatusService {
  constructor(
    private readonly queue: QueueService,
    private readonly rooms: RoomsService,
  ) {}

  async of(participantId: string): Promise<Status> {
    const places = await this.queue.explainedPlaces(participantId);
    const rooms = await this.rooms.list(participantId);
    const facts = {
      tickets: places.map((place) => ({
        ticket_id: place.ticketId,
        pool: place.pool,
        group_size: place.group.maximum,
        ...(place.group.minimum < place.group.maximum && { min_group_size: place.group.minimum }),
        position: place.position,
        queue_length: place.queueLength,
        estimated_wait_seconds: place.estimatedWaitSeconds,
        enqueued_at: timeOf(place.enqueuedAt),
        reasons: place.reasons,
        ...standing(place),
      })),
      rooms: rooms.map((room) => ({
        room_id: room.roomId,
        [room.kind === 'match' ? 'pool' : 'room_name']: room.name,
        partners: room.partners,
        unread: room.unread,
        last_seq: room.lastSeq,
        supervised: room.supervised,
      })),
    };
    const lines = [
      ...places.map((place) => `Waiting in pool ${place.pool}${detail(place)}`),
      ...rooms.map(
        ({ roomId, partners, unread, supervised }) =>
          `In room ${roomId} with ${partners.length > 0 ? namedAll(partners) : 'nobody yet'}, ${unread} unread.${watched(supervised)}`,
      ),
    ];
    const text =
      lines.length > 0 ? lines.join('\n') : 'You are in no queue and no room. Call enter_queue to find a partner.';
    return { facts, text };
  }
}

function detail({ position, queueLength, reasons, offer }: ExplainedPlace): string {
  const at = position === null ? '' : ` at position ${position} of ${queueLength}`;
  const next = offer && !offer.accepted ? ` ${howToAnswer(offer.offerId, timeOf(offer.expiresAt))}` : '';
  return `${at}: ${reasons.map(({ text }) => text).join('; ')}.${next}`;
}
