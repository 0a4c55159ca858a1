import { Injectable } from '@nestjs/common';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { RoomArguments } from './arguments.js';
import { object, Schema } from './output-schemas.js';

const LEFT = 'Successfully left the chat';

@Injectable()
export class LeaveChatTool implements McpTool<RoomArguments> {
  readonly name = 'leave_chat';
  readonly title = 'Leave a chat';
  readonly description = 'Leaves a room for good and tells the others. A chat of two ends with it.';
  readonly annotations = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true };
  readonly inputSchema = schemaOf(RoomArguments);
  readonly outputSchema = object({ success: Schema.flag, message: Schema.text });

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
  ) {}

  async call(args: RoomArguments, call: CallContext): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, args.participant_token);
    await this.rooms.leave(participantId, args.room_id);
    return reply({ success: true, message: LEFT }, `${LEFT}. Call enter_queue to find a new partner.`);
  }
}
