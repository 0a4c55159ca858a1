import { Inject, Injectable, Logger } from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { ParleyConfig } from '../../config/index.js';
import { encodeCursor } from '../../domain/cursor.js';
import { NotificationsService } from '../../notifications/index.js';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { waitForEvents } from '../waiting.js';
import { ProfileArguments, Text, WAIT_MAX, Whole } from './arguments.js';
import { object, Schema } from './output-schemas.js';
import { namedAll, watched } from '../../domain/wording.js';

const DEFAULT_CAPACITY = 2;

class JoinRoomArguments extends ProfileArguments {
  @Text('The name that you and your partner have agreed on. Whoever knows it can join.', 100)
  room_name!: string;

  @IsOptional()
  @Whole('How many people the room holds; the first to come decides. Default: 2.', 2, 50)
  capacity?: number;

  @IsOptional()
  @Whole('Wait up to this many seconds for somebody to be there before answering. Default: 0.', 0, WAIT_MAX)
  wait_seconds?: number;
}

@Injectable()
export class JoinRoomTool implements McpTool<JoinRoomArguments> {
  readonly #logger = new Logger('Chat');
  readonly name = 'join_room';
  readonly title = 'Join a named room';
  readonly description =
    'Joins the room of a name that you and your partner have agreed on, without a queue; creates it when you are the ' +
    'first. Keep participant_token: it names you in every later call.';
  readonly annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(JoinRoomArguments);
  readonly outputSchema = object({
    status: { enum: ['room_created', 'joined'] },
    room_id: Schema.text,
    capacity: Schema.whole,
    partners: Schema.list(Schema.partner),
    supervised: Schema.flag,
    user_id: Schema.text,
    'participant_token?': Schema.text,
    cursor: Schema.text,
  });

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
    private readonly notifications: NotificationsService,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  async call(args: JoinRoomArguments, call: CallContext): Promise<ToolResult> {
    const { participantId, token, participant } = await this.callers.findOrCreate(call, args.participant_token, args);
    const joined = await this.rooms.join(participantId, args.room_name, args.capacity ?? DEFAULT_CAPACITY);
    const { status, position } = joined;
    if (status === 'room_created') {
      const { roomId: room_id, capacity } = joined.room;
      this.#logger.log({ msg: 'room opened', request_id: call.exchange.requestId, room_id, capacity });
    }
    let { room } = joined;
    if (args.wait_seconds && room.partners.length === 0) {
      const { roomId } = room;
      const until = { participantId, after: position, roomId };
      await waitForEvents(this.notifications, this.config, call, args.wait_seconds, until);
      room = await this.rooms.room(participantId, roomId);
    }
    const cursor = encodeCursor(participant.logId, position);
    const { roomId, capacity, partners, supervised } = room;
    const text =
      partners.length === 0
        ? `You are in room ${roomId}, and nobody else is there yet. Call wait_for_message with cursor ${cursor} to be told when somebody joins.`
        : `You are in room ${roomId} with ${namedAll(partners)}. Call send_message to say something, then wait_for_message for the answer.`;
    return reply(
      {
        status,
        room_id: roomId,
        capacity,
        partners,
        supervised,
        user_id: participantId,
        ...(token !== undefined && { participant_token: token }),
        cursor,
      },
      text + watched(supervised),
    );
  }
}
