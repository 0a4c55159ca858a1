import { Inject, Injectable } from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { ParleyConfig } from '../../config/index.js';
import { encodeCursor } from '../../domain/cursor.js';
import { describeEvents } from '../../domain/wording.js';
import { NotificationsService } from '../../notifications/index.js';
import { ParticipantsService } from '../../participants/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { CallerArguments, Text } from './arguments.js';
import { positionOf } from './cursor-argument.js';
import { object, Schema } from './output-schemas.js';
import { STATUS, StatusService } from './status.service.js';

class PollChatArguments extends CallerArguments {
  @IsOptional()
  @Text('The cursor of an earlier result: what came after it is returned. Default: now, so that nothing is.', 200)
  cursor?: string;
}

/** How the window in a host's conversation hears: it cannot wait long, and its reading is not the model's. */
@Injectable()
export class PollChatTool implements McpTool<PollChatArguments> {
  readonly name = 'poll_chat';
  readonly title = 'Refresh the chat window';
  readonly description =
    'For the chat window, which asks again and again what is new; models call wait_for_message instead. Returns at ' +
    'once, and marks nothing as read.';
  readonly annotations = { readOnlyHint: true, openWorldHint: true };
  readonly inputSchema = schemaOf(PollChatArguments);
  readonly outputSchema = object({
    user_id: Schema.text,
    display_name: Schema.text,
    ...STATUS,
    events: Schema.list(Schema.event),
    cursor: Schema.text,
    has_more: Schema.flag,
    'truncated?': Schema.flag,
  });
  readonly _meta = { ui: { visibility: ['app'] } };
  readonly enabled: boolean;

  constructor(
    private readonly callers: CallerService,
    private readonly participants: ParticipantsService,
    private readonly notifications: NotificationsService,
    private readonly status: StatusService,
    @Inject(ParleyConfig) config: ParleyConfig,
  ) {
    this.enabled = config.mcpApp;
  }

  async call(args: PollChatArguments, call: CallContext): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, args.participant_token);
    const { participant, head } = await this.participants.get(participantId);
    const after = args.cursor === undefined ? head : positionOf(participant.logId, head, args.cursor, 'start from now');
    // Events first: what the status then tells is at least as new.
    const { entries, position, truncated } = await this.notifications.read(participantId, after);
    const { facts, text } = await this.status.of(participantId);
    return reply(
      {
        user_id: participantId,
        display_name: participant.displayName,
        ...facts,
        events: entries.map(({ envelope }) => envelope),
        cursor: encodeCursor(participant.logId, position),
        has_more: position < head,
        ...(truncated && { truncated }),
      },
      entries.length > 0 ? `${text}\n${describeEvents(entries.map(({ body }) => body))}` : text,
    );
  }
}
