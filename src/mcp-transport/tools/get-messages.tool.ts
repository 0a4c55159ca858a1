import { Injectable } from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { invalidArguments } from '../../domain/errors.js';
import { visible } from '../../domain/text.js';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { RoomArguments, Whole } from './arguments.js';
import { object, Schema } from './output-schemas.js';
import { Fence, named } from '../../domain/wording.js';

const DEFAULT_LIMIT = 50;

class GetMessagesArguments extends RoomArguments {
  @IsOptional()
  @Whole('Only messages with a smaller seq: the page before.', 1, Number.MAX_SAFE_INTEGER)
  before?: number;

  @IsOptional()
  @Whole('Only messages with a greater seq: the page after.', 0, Number.MAX_SAFE_INTEGER)
  after?: number;

  @IsOptional()
  @Whole('Most messages to return. Default: 50.', 1, 100)
  limit?: number;
}

@Injectable()
export class GetMessagesTool implements McpTool<GetMessagesArguments> {
  readonly name = 'get_messages';
  readonly title = 'Read back';
  readonly description =
    'Returns messages of a room you are or were in, your own included, oldest first, page by page.';
  readonly annotations = { readOnlyHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(GetMessagesArguments);
  readonly outputSchema = object({
    messages: Schema.list(
      object({
        message_id: Schema.text,
        seq: Schema.whole,
        message: Schema.text,
        sender: Schema.sender,
        timestamp: Schema.text,
      }),
    ),
    next: Schema.position,
    previous: Schema.position,
    'truncated?': Schema.flag,
  });

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
  ) {}

  async call(args: GetMessagesArguments, call: CallContext): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, args.participant_token);
    const { before, after, limit = DEFAULT_LIMIT } = args;
    if (before !== undefined && after !== undefined) throw invalidArguments('before and after cannot go together');
    const page = await this.rooms.messages(participantId, args.room_id, { before, after, limit });
    const messages = page.messages.map(({ messageId, text, ...rest }) => ({
      message_id: messageId,
      message: visible(text),
      ...rest,
    }));
    const { next = null, previous = null, truncated } = page;
    const structured = { messages, next, previous, ...(truncated && { truncated }) };
    if (messages.length === 0) return reply(structured, 'No messages there. Call wait_for_message to listen.');

    const fence = new Fence();
    const lines = messages.map(({ seq, sender, message }) =>
      fence.around(`Message ${seq} from ${sender.user_id === participantId ? 'you' : named(sender)}:`, message),
    );
    const older = previous === null ? '' : `\nOlder messages: call get_messages with before ${previous}.`;
    const newer = next === null ? '' : `\nNewer messages: call get_messages with after ${next}.`;
    const missing = truncated ? '\nSome earlier messages are not kept, or cannot be reached for now.' : '';
    return reply(structured, `${fence.notice}\n${lines.join('\n')}${missing}${older}${newer}`);
  }
}
