import { Inject, Injectable } from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { ParleyConfig } from '../../config/index.js';
import { encodeCursor } from '../../domain/cursor.js';
import { NotificationsService, type WaitResult } from '../../notifications/index.js';
import { ParticipantsService } from '../../participants/index.js';
import { type Awaitable, then } from '../../ports/awaitable.js';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { envelopeJson } from '../event-frames.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, replyJson, type ToolResult } from '../mcp-tool.js';
import { waitForEvents } from '../waiting.js';
import { CallerArguments, Text, WAIT_MAX, Whole } from './arguments.js';
import { positionOf } from './cursor-argument.js';
import { object, Schema } from './output-schemas.js';
import { describeEvents } from '../../domain/wording.js';

const NOTHING = 'No message received within timeout period';
const GO_ON = 'go on where your last wait ended';

class WaitForMessageArguments extends CallerArguments {
  @IsOptional()
  @Text('Only wait for what happens in this room. Default: everything of yours.', 128)
  room_id?: string;

  @IsOptional()
  @Text('The cursor of an earlier result: wait for what came after it. Default: go on where your last wait ended.', 200)
  cursor?: string;

  @IsOptional()
  @Whole('How long to wait if nothing is there yet; the server caps it. Default: usually 25.', 0, WAIT_MAX)
  timeout_seconds?: number;
}

@Injectable()
export class WaitForMessageTool implements McpTool<WaitForMessageArguments> {
  readonly name = 'wait_for_message';
  readonly title = 'Wait for what happens next';
  readonly description =
    'Returns what has happened since your last wait (matches, messages, partners coming and going), or waits for it. ' +
    'Call it again after a timeout as long as you want to listen.';
  readonly annotations = { readOnlyHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(WaitForMessageArguments);
  readonly outputSchema = object({
    events: Schema.list(Schema.event),
    cursor: Schema.text,
    timeout: Schema.flag,
    'truncated?': Schema.flag,
    'message?': Schema.text,
  });

  constructor(
    private readonly callers: CallerService,
    private readonly participants: ParticipantsService,
    private readonly rooms: RoomsService,
    private readonly notifications: NotificationsService,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  call(args: WaitForMessageArguments, call: CallContext): Awaitable<ToolResult> {
    const { room_id: roomId, timeout_seconds: seconds = this.config.waitDefaultSeconds } = args;
    return then(this.callers.require(call, args.participant_token), ({ participantId }) =>
      then(this.participants.get(participantId), ({ participant: { logId }, head }) => {
        const wait = () => {
          const after = args.cursor === undefined ? undefined : positionOf(logId, head, args.cursor, GO_ON);
          return waitForEvents(this.notifications, this.config, call, seconds, { participantId, after, roomId });
        };
        const waited = roomId === undefined ? wait() : this.rooms.room(participantId, roomId).then(wait);
        return waited.then((result) => this.#reply(result, participantId, logId, roomId));
      }),
    );
  }

  #reply(
    { entries, position, truncated }: WaitResult,
    participantId: string,
    logId: string,
    roomId?: string,
  ): ToolResult {
    const cursor = encodeCursor(logId, position);
    const delivered = () => this.notifications.acknowledge(participantId, position, roomId);
    if (entries.length === 0) {
      const structured = { events: [], cursor, timeout: true, message: NOTHING, ...(truncated && { truncated }) };
      return reply(structured, `${NOTHING}. Call wait_for_message again to go on listening.`, delivered);
    }
    const lost = truncated ? 'Older events are no longer kept; call get_messages to read back.\n' : '';
    const next = 'Call send_message to answer, wait_for_message to go on listening.';
    const gap = truncated ? ',"truncated":true' : '';
    return replyJson(
      `{"events":[${entries.map(envelopeJson).join(',')}],"cursor":"${cursor}","timeout":false${gap}}`,
      `${lost}${describeEvents(entries.map(({ body }) => body))}\n${next}`,
      delivered,
    );
  }
}
