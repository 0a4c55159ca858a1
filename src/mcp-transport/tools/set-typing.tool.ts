import { Injectable } from '@nestjs/common';
import { IsBoolean, IsOptional } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { RoomArguments } from './arguments.js';
import { SUCCESS } from './output-schemas.js';

class SetTypingArguments extends RoomArguments {
  @IsOptional()
  @IsBoolean()
  @JSONSchema({ description: 'Whether you are composing a message. Default: true.' })
  typing?: boolean;
}

@Injectable()
export class SetTypingTool implements McpTool<SetTypingArguments> {
  readonly name = 'set_typing';
  readonly title = 'Show that you are typing';
  readonly description = 'Shows the others in a room that you are composing a message. It is never stored.';
  readonly annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(SetTypingArguments);
  readonly outputSchema = SUCCESS;

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
  ) {}

  async call(
    { participant_token, room_id, typing = true }: SetTypingArguments,
    call: CallContext,
  ): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, participant_token);
    await this.rooms.setTyping(participantId, room_id, typing);
    return reply({ success: true }, 'The others were told. Call send_message when you are done.');
  }
}
