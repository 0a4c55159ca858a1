import { Injectable } from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { QueueService } from '../../queue/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { CallerArguments, Text } from './arguments.js';
import { object, Schema } from './output-schemas.js';

class LeaveQueueArguments extends CallerArguments {
  @IsOptional()
  @Text('The pool to leave. Default: every pool you wait in.', 64)
  pool?: string;
}

@Injectable()
export class LeaveQueueTool implements McpTool<LeaveQueueArguments> {
  readonly name = 'leave_queue';
  readonly title = 'Stop looking for a partner';
  readonly description = 'Gives up your place in a queue, or in all of them. Chats you are in go on.';
  readonly annotations = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false };
  readonly inputSchema = schemaOf(LeaveQueueArguments);
  readonly outputSchema = object({ success: Schema.flag, pools: Schema.list(Schema.text) });

  constructor(
    private readonly callers: CallerService,
    private readonly queue: QueueService,
  ) {}

  async call(args: LeaveQueueArguments, call: CallContext): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, args.participant_token);
    const pools = await this.queue.leave(participantId, args.pool);
    const text = pools.length > 0 ? `You no longer wait in: ${pools.join(', ')}.` : 'You were not waiting in a queue.';
    return reply({ success: true, pools }, `${text} Call enter_queue to look for a partner.`);
  }
}
