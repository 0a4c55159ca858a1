import { Injectable } from '@nestjs/common';
import { encodeCursor } from '../../domain/cursor.js';
import { ParticipantsService } from '../../participants/index.js';
import { type ExplainedPlace, QueueService } from '../../queue/index.js';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { CallerArguments } from './arguments.js';
import { object, Schema } from './output-schemas.js';
import { standing } from './standing.js';
import { howToAnswer, namedAll, timeOf } from './wording.js';

@Injectable()
export class GetStatusTool implements McpTool<CallerArguments> {
  readonly name = 'get_status';
  readonly title = 'Where do I stand';
  readonly description =
    'Tells which queues you wait in and why, which rooms you are in with how many unread messages, and the cursor of now.';
  readonly annotations = { readOnlyHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(CallerArguments);
  readonly outputSchema = object({
    user_id: Schema.text,
    display_name: Schema.text,
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
      }),
    ),
    cursor: Schema.text,
  });

  constructor(
    private readonly callers: CallerService,
    private readonly participants: ParticipantsService,
    private readonly queue: QueueService,
    private readonly rooms: RoomsService,
  ) {}

  async call(args: CallerArguments, call: CallContext): Promise<ToolResult> {
    const caller = await this.callers.require(call, args.participant_token);
    await this.callers.adopt(call.session, caller);
    const { participantId } = caller;
    const { participant, head } = await this.participants.get(participantId);
    const places = await this.queue.explainedPlaces(participantId);
    const rooms = await this.rooms.list(participantId);
    const cursor = encodeCursor(participant.logId, head);
    const structured = {
      user_id: participantId,
      display_name: participant.displayName,
      tickets: places.map((place) => ({
        ticket_id: place.ticketId,
        pool: place.pool,
        group_size: place.group.maximum,
        ...(place.group.minimum < place.group.maximum && { min_group_size: place.group.minimum }),
        position: place.position,
        queue_length: place.queueLength,
        estimated_wait_seconds: place.estimatedWaitSeconds,
        enqueued_at: place.enqueuedAt,
        reasons: place.reasons,
        ...standing(place),
      })),
      rooms: rooms.map((room) => ({
        room_id: room.roomId,
        [room.kind === 'match' ? 'pool' : 'room_name']: room.name,
        partners: room.partners,
        unread: room.unread,
        last_seq: room.lastSeq,
      })),
      cursor,
    };
    const lines = [
      ...places.map((place) => `Waiting in pool ${place.pool}${detail(place)}`),
      ...rooms.map(
        ({ roomId, partners, unread }) =>
          `In room ${roomId} with ${partners.length > 0 ? namedAll(partners) : 'nobody yet'}, ${unread} unread.`,
      ),
    ];
    const text =
      lines.length > 0 ? lines.join('\n') : 'You are in no queue and no room. Call enter_queue to find a partner.';
    return reply(structured, `${text}\nCall wait_for_message to hear what happens next.`);
  }
}

function detail({ position, queueLength, reasons, offer }: ExplainedPlace): string {
  const at = position === null ? '' : ` at position ${position} of ${queueLength}`;
  const next = offer && !offer.accepted ? ` ${howToAnswer(offer.offerId, timeOf(offer.expiresAt))}` : '';
  return `${at}: ${reasons.map(({ text }) => text).join('; ')}.${next}`;
}
