import { Inject, Injectable, Logger } from '@nestjs/common';
import { IsObject, IsOptional } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { ParleyConfig } from '../../config/index.js';
import { CRITERION_SCHEMA } from '../../domain/criteria.js';
import { encodeCursor } from '../../domain/cursor.js';
import type { EventData, LogEntry } from '../../domain/event.js';
import { NotificationsService } from '../../notifications/index.js';
import { invalidArguments } from '../../domain/errors.js';
import { type Entered, type Place, QueueService, type Wish } from '../../queue/index.js';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { waitForEvents } from '../waiting.js';
import { EntryArguments, Text, WAIT_MAX, Whole } from './arguments.js';
import { object, Schema } from './output-schemas.js';
import { standing } from './standing.js';
import { howToAnswer, namedAll, timeOf, watched, why } from '../../domain/wording.js';

class EnterQueueArguments extends EntryArguments {
  @IsOptional()
  @Text('The pool to wait in. Default: default.', 64)
  pool?: string;

  @IsOptional()
  @Whole('How many people the chat shall have, you included. Default: the smallest the pool has, usually 2.', 2, 16)
  group_size?: number;

  @IsOptional()
  @IsObject()
  @JSONSchema(CRITERION_SCHEMA)
  criteria?: Record<string, unknown>;

  @IsOptional()
  @Text('A name that you and others have agreed on, to be matched together as a party. Goes with party_size.', 100)
  party?: string;

  @IsOptional()
  @Whole('How many your party is, you included. All of you enter the same pool with the same group_size.', 2, 15)
  party_size?: number;

  @IsOptional()
  @Whole('Wait up to this many seconds for a match before answering. Default: 0.', 0, WAIT_MAX)
  wait_seconds?: number;
}

@Injectable()
export class EnterQueueTool implements McpTool<EnterQueueArguments> {
  readonly #logger = new Logger('Chat');
  readonly name = 'enter_queue';
  readonly title = 'Find a chat partner';
  readonly description =
    'Enters a queue to be matched with somebody to talk to. Returns at once, matched or waiting; after waiting, call ' +
    'wait_for_message to learn of the match. Keep participant_token: it names you in every later call.';
  readonly annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(EnterQueueArguments);
  readonly outputSchema = object({
    status: { enum: ['waiting', 'matched', 'already_waiting', 'already_in_chat'] },
    user_id: Schema.text,
    'participant_token?': Schema.text,
    cursor: Schema.text,
    'ticket_id?': Schema.text,
    'position?': Schema.position,
    'queue_length?': Schema.whole,
    'estimated_wait_seconds?': Schema.position,
    'party_missing?': Schema.whole,
    'offer?': Schema.offer,
    'room_id?': Schema.text,
    'partner?': Schema.partner,
    'partners?': Schema.list(Schema.partner),
    'reasons?': Schema.list(Schema.reason),
  });

  constructor(
    private readonly callers: CallerService,
    private readonly queue: QueueService,
    private readonly rooms: RoomsService,
    private readonly notifications: NotificationsService,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  async call(args: EnterQueueArguments, call: CallContext): Promise<ToolResult> {
    const { participantId, token, participant } = await this.callers.findOrCreate(call, args.participant_token, args);
    let entered = await this.queue.enter(participantId, wishOf(args), participant);
    if (args.wait_seconds && 'place' in entered && !needsAnswer(entered.place))
      entered = await this.#awaitMatch(participantId, entered, args, call);

    if (entered.status === 'matched') {
      const { roomId: room_id, name: pool, partners } = entered.room;
      const members = partners.length + 1;
      this.#logger.log({ msg: 'matched', request_id: call.exchange.requestId, room_id, pool, members });
    }
    const cursor = encodeCursor(participant.logId, entered.position);
    const who = { user_id: participantId, participant_token: token, cursor };
    return reply({ status: entered.status, ...who, ...facts(entered) }, words(entered, cursor));
  }

  async #awaitMatch(
    participantId: string,
    entered: Entered & { status: 'waiting' | 'already_waiting' },
    { wait_seconds = 0 }: EnterQueueArguments,
    call: CallContext,
  ): Promise<Entered> {
    const { position, place } = entered;
    const { entries } = await waitForEvents(this.notifications, this.config, call, wait_seconds, {
      participantId,
      after: position,
      until: endsWait,
    });
    const found = entries.find(({ body }) => body.name === 'chatroom.found');
    if (!found) {
      const places = await this.queue.places(participantId);
      return { ...entered, place: places.find(({ ticketId }) => ticketId === place.ticketId) ?? place };
    }
    const { room_id, reasons } = found.body.data as EventData['chatroom.found'];
    const room = await this.rooms.room(participantId, room_id);
    return { status: 'matched', ticketId: place.ticketId, room, reasons, position };
  }
}

function wishOf({ pool, group_size, criteria, party, party_size }: EnterQueueArguments): Wish {
  const wish = { pool, groupSize: group_size, criteria };
  if (party === undefined && party_size === undefined) return wish;
  if (party === undefined || party_size === undefined) {
    throw invalidArguments('party and party_size go together', 'Pass both, or neither to come alone.');
  }
  return { ...wish, party: { name: party, size: party_size } };
}

const needsAnswer = ({ offer }: Place) => offer !== undefined && !offer.accepted;

/** A match, an offer to answer, or the end of the ticket. */
function endsWait({ body }: LogEntry): boolean {
  switch (body.name) {
    case 'chatroom.found':
    case 'match.offered':
    case 'queue.expired':
      return true;
    case 'match.withdrawn':
      return !(body.data as EventData['match.withdrawn']).waiting;
    default:
      return false;
  }
}

function facts(entered: Entered): object {
  if ('place' in entered) {
    const { ticketId, position, queueLength, estimatedWaitSeconds } = entered.place;
    return {
      ticket_id: ticketId,
      position,
      queue_length: queueLength,
      estimated_wait_seconds: estimatedWaitSeconds,
      ...standing(entered.place),
    };
  }
  const { roomId, partners } = entered.room;
  return {
    ...(entered.status === 'matched' && { ticket_id: entered.ticketId, reasons: entered.reasons }),
    room_id: roomId,
    partner: partners[0],
    partners,
  };
}

function words(entered: Entered, cursor: string): string {
  if ('place' in entered) {
    const waiting = entered.status === 'waiting' ? 'Waiting' : 'Already waiting';
    const { offer } = entered.place;
    if (offer && needsAnswer(entered.place)) {
      return `A match is offered.${why(offer.reasons)} ${howToAnswer(offer.offerId, timeOf(offer.expiresAt))}`;
    }
    return `${waiting} ${where(entered.place)}. Call wait_for_message with cursor ${cursor} to be told of the match.`;
  }
  const { roomId, partners, supervised } = entered.room;
  const how = entered.status === 'matched' ? 'Matched with' : 'You are already in a chat with';
  const reasons = entered.status === 'matched' ? why(entered.reasons) : '';
  return `${how} ${namedAll(partners)} in room ${roomId}.${reasons} Call send_message to say something, then wait_for_message for the answer.${watched(supervised)}`;
}

function where({ position, queueLength, estimatedWaitSeconds, missing, offer }: Place): string {
  if (missing > 0) return `for ${missing} more of your party`;
  if (offer || position === null) return 'for the others to accept the match';
  const estimate = estimatedWaitSeconds === null ? '' : `, about ${estimatedWaitSeconds} s to go`;
  return `at position ${position} of ${queueLength}${estimate}`;
}
