import { Injectable, Logger } from '@nestjs/common';
import { RoomsService } from '../../rooms/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { PartnerArguments } from './arguments.js';
import { SUCCESS } from './output-schemas.js';

@Injectable()
export class ReportParticipantTool implements McpTool<PartnerArguments> {
  readonly #logger = new Logger('Chat');
  readonly name = 'report_participant';
  readonly title = 'Report somebody';
  readonly description = 'Reports somebody you share or have shared a room with to the operators. They are not told.';
  readonly annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };
  readonly inputSchema = schemaOf(PartnerArguments);
  readonly outputSchema = SUCCESS;

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
  ) {}

  async call(args: PartnerArguments, call: CallContext): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, args.participant_token);
    await this.rooms.report(participantId, args.room_id, args.user_id, args.reason);
    const { room_id, user_id } = args;
    this.#logger.warn({ msg: 'participant reported', request_id: call.exchange.requestId, room_id, user_id });
    return reply(
      { success: true },
      'The operators will see your report. Call block_participant to stay apart from them.',
    );
  }
}
