import { Injectable } from '@nestjs/common';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { PartnerArguments } from './arguments.js';
import { SUCCESS } from './output-schemas.js';

@Injectable()
export class BlockParticipantTool implements McpTool<PartnerArguments> {
  readonly name = 'block_participant';
  readonly title = 'Block somebody';
  readonly description = 'Keeps you and somebody you have shared a room with apart from now on. They are not told.';
  readonly annotations = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false };
  readonly inputSchema = schemaOf(PartnerArguments);
  readonly outputSchema = SUCCESS;

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
  ) {}

  async call(args: PartnerArguments, call: CallContext): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, args.participant_token);
    await this.rooms.block(participantId, args.room_id, args.user_id);
    return reply({ success: true }, 'You will not be matched with them again. Call leave_chat to end this chat too.');
  }
}
