import { Injectable } from '@nestjs/common';
import { encodeCursor } from '../../domain/cursor.js';
import { ParticipantsService } from '../../participants/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { CallerArguments } from './arguments.js';
import { object, Schema } from './output-schemas.js';
import { STATUS, StatusService } from './status.service.js';

@Injectable()
export class GetStatusTool implements McpTool<CallerArguments> {
  readonly name = 'get_status';
  readonly title = 'Where do I stand';
  readonly description =
    'Tells which queues you wait in and why, which rooms you are in with how many unread messages, and the cursor of now.';
  readonly annotations = { readOnlyHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(CallerArguments);
  readonly outputSchema = object({
    user_id: Schema.text,
    display_name: Schema.text,
    ...STATUS,
    cursor: Schema.text,
  });

  constructor(
    private readonly callers: CallerService,
    private readonly participants: ParticipantsService,
    private readonly status: StatusService,
  ) {}

  async call(args: CallerArguments, call: CallContext): Promise<ToolResult> {
    const caller = await this.callers.require(call, args.participant_token);
    await this.callers.adopt(call.session, caller);
    const { participantId } = caller;
    const { participant, head } = await this.participants.get(participantId);
    const { facts, text } = await this.status.of(participantId);
    const who = { user_id: participantId, display_name: participant.displayName };
    const cursor = encodeCursor(participant.logId, head);
    return reply({ ...who, ...facts, cursor }, `${text}\nCall wait_for_message to hear what happens next.`);
  }
}
