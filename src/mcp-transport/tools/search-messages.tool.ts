import { Inject, Injectable } from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { ParleyConfig } from '../../config/index.js';
import { visible } from '../../domain/text.js';
import { Fence, named } from '../../domain/wording.js';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { CallerArguments, Text, Whole } from './arguments.js';
import { object, Schema } from './output-schemas.js';

const DEFAULT_LIMIT = 20;

class SearchMessagesArguments extends CallerArguments {
  @Text('What to look for: words that must all be there, "a phrase" in quotes, -without, or.', 200)
  query!: string;

  @IsOptional()
  @Text('Only in this room. Default: in every room you are or were in.', 128)
  room_id?: string;

  @IsOptional()
  @Whole('Most messages to return. Default: 20.', 1, 100)
  limit?: number;

  @IsOptional()
  @Text('The next of an earlier result: the page of older messages.', 512)
  before?: string;
}

@Injectable()
export class SearchMessagesTool implements McpTool<SearchMessagesArguments> {
  readonly name = 'search_messages';
  readonly title = 'Search your conversations';
  readonly description =
    'Finds messages by their words in the rooms you are or were in, your own included, newest first. What was said in ' +
    'the last seconds may not be found yet; get_messages has it.';
  readonly annotations = { readOnlyHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(SearchMessagesArguments);
  readonly outputSchema = object({
    messages: Schema.list(
      object({
        room_id: Schema.text,
        message_id: Schema.text,
        seq: Schema.whole,
        message: Schema.text,
        sender: Schema.sender,
        timestamp: Schema.text,
      }),
    ),
    next: { type: ['string', 'null'] },
  });
  readonly enabled: boolean;

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
    @Inject(ParleyConfig) config: ParleyConfig,
  ) {
    this.enabled = config.history !== null;
  }

  async call(args: SearchMessagesArguments, call: CallContext): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, args.participant_token);
    const { query, room_id: roomId, before, limit = DEFAULT_LIMIT } = args;
    const found = await this.rooms.search(participantId, { text: query, roomId, before, limit });
    const messages = found.messages.map(({ roomId, messageId, text, ...rest }) => ({
      room_id: roomId,
      message_id: messageId,
      message: visible(text),
      ...rest,
    }));
    const structured = { messages, next: found.next ?? null };
    if (messages.length === 0) return reply(structured, 'Nothing was found. Try fewer or other words.');

    const fence = new Fence();
    const lines = messages.map(({ room_id, seq, sender, timestamp, message }) => {
      const who = sender.user_id === participantId ? 'you' : named(sender);
      return fence.around(`Message ${seq} from ${who} in room ${room_id}, ${timestamp}:`, message);
    });
    const older = found.next === undefined ? '' : `\nOlder ones: call search_messages again with before ${found.next}.`;
    const around = '\nTo read what was said around one, call get_messages with its room_id and before.';
    return reply(structured, `${fence.notice}\n${lines.join('\n')}${older}${around}`);
  }
}
