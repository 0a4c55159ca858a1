import { Inject, Injectable, Logger } from '@nestjs/common';
import { IsBoolean, IsOptional } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { ParleyConfig } from '../../config/index.js';
import { type Answered, QueueService } from '../../queue/index.js';
import type { CallContext } from '../call-context.js';
import { CallerService } from '../caller.service.js';
import { schemaOf } from '../json-schema.js';
import { type McpTool, reply, type ToolResult } from '../mcp-tool.js';
import { CallerArguments, Text } from './arguments.js';
import { object, Schema } from './output-schemas.js';
import { namedAll, timeOf, why } from '../../domain/wording.js';

class RespondToMatchArguments extends CallerArguments {
  @IsBoolean()
  @JSONSchema({ description: 'true to accept the match that is offered, false to decline it.' })
  accept!: boolean;

  @IsOptional()
  @Text('Which offer, as match.offered names it. Default: the oldest that waits for your answer.', 128)
  offer_id?: string;
}

@Injectable()
export class RespondToMatchTool implements McpTool<RespondToMatchArguments> {
  readonly #logger = new Logger('Chat');
  readonly name = 'respond_to_match';
  readonly title = 'Accept or decline a match';
  readonly description =
    'Answers a match that was offered. The chat begins when everybody has accepted; nobody learns who declined.';
  readonly annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true };
  readonly inputSchema = schemaOf(RespondToMatchArguments);
  readonly outputSchema = object({
    status: { enum: ['accepted', 'matched', 'declined'] },
    'offer_id?': Schema.text,
    'expires_at?': Schema.text,
    'waiting?': Schema.flag,
    'room_id?': Schema.text,
    'partner?': Schema.partner,
    'partners?': Schema.list(Schema.partner),
    'reasons?': Schema.list(Schema.reason),
  });
  readonly enabled: boolean;

  constructor(
    private readonly callers: CallerService,
    private readonly queue: QueueService,
    @Inject(ParleyConfig) { pools }: ParleyConfig,
  ) {
    this.enabled = [...pools.values()].some(({ acceptMs }) => acceptMs > 0);
  }

  async call(args: RespondToMatchArguments, call: CallContext): Promise<ToolResult> {
    const { participantId } = await this.callers.require(call, args.participant_token);
    const answered = await this.queue.respond(participantId, args.accept, args.offer_id);
    if (answered.status === 'matched') {
      const { roomId: room_id, name: pool, partners } = answered.room;
      const members = partners.length + 1;
      this.#logger.log({ msg: 'matched', request_id: call.exchange.requestId, room_id, pool, members });
    }
    return reply({ status: answered.status, ...facts(answered) }, words(answered));
  }
}

function facts(answered: Answered): object {
  switch (answered.status) {
    case 'accepted':
      return { offer_id: answered.offer.offerId, expires_at: timeOf(answered.offer.expiresAt) };
    case 'matched': {
      const { roomId, partners } = answered.room;
      return { room_id: roomId, partner: partners[0], partners, reasons: answered.reasons };
    }
    case 'declined':
      return { waiting: answered.waiting };
  }
}

function words(answered: Answered): string {
  switch (answered.status) {
    case 'accepted':
      return `Accepted. The others have until ${timeOf(answered.offer.expiresAt)} to answer. Call wait_for_message to learn what comes of it.`;
    case 'matched': {
      const { roomId, partners } = answered.room;
      return `Matched with ${namedAll(partners)} in room ${roomId}.${why(answered.reasons)} Call send_message to say something, then wait_for_message for the answer.`;
    }
    case 'declined':
      return answered.waiting
        ? 'Declined; nobody learns that it was you. You wait on at the end of the queue. Call wait_for_message to hear of the next match.'
        : 'Declined; nobody learns that it was you. You no longer wait in that pool. Call enter_queue to look for somebody else.';
  }
}
