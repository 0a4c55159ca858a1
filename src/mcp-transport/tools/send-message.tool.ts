import { Injectable } from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { type Awaitable, then } from '../../ports/awaitable.js';
import { RoomsService, type Sent } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { FreeText, RoomArguments, Text } from './arguments.js';
import { object, Schema } from './output-schemas.js';

class SendMessageArguments extends RoomArguments {
  @FreeText('What to say, exactly as your partner shall read it.')
  message!: string;

  @IsOptional()
  @Text('An id of your own: sending again with the same one sends nothing twice.', 128)
  client_message_id?: string;
}

@Injectable()
export class SendMessageTool implements McpTool<SendMessageArguments> {
  readonly name = 'send_message';
  readonly title = 'Send a message';
  readonly description = 'Says something to everybody else in a room you are in.';
  readonly annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true };
  readonly inputSchema = schemaOf(SendMessageArguments);
  readonly outputSchema = object({
    success: Schema.flag,
    message_id: Schema.text,
    seq: Schema.whole,
    timestamp: Schema.text,
    'masked?': Schema.flag,
    'message?': Schema.text,
  });

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
  ) {}

  call(args: SendMessageArguments, call: CallContext): Awaitable<ToolResult> {
    return then(this.callers.require(call, args.participant_token), ({ participantId }) =>
      then(this.rooms.send(participantId, args.room_id, args.message, args.client_message_id), sentReply),
    );
  }
}

function sentReply({ messageId, seq, timestamp, masked, text }: Sent): ToolResult {
  const sent = { success: true, message_id: messageId, seq, timestamp, ...(masked && { masked, message: text }) };
  const how = masked ? ', parts of it masked by the rules of this service: `message` is what others read' : '';
  return reply(sent, `Sent as message ${seq}${how}. Call wait_for_message for the answer.`);
}
