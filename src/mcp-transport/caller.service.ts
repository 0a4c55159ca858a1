import { Injectable } from '@nestjs/common';
import { participantRequired } from '../domain/errors.js';
import { ParticipantsService } from '../participants/index.js';
import type { CallContext } from './call-context.js';
import { TOKEN_META_KEY } from './protocol.js';

export interface Caller {
  readonly participantId: string;
  /** The token as the caller knows it, where there is one. */
  readonly token: string | undefined;
}

/** Who acts: the token, else the principal's own participant, else the session's. Checked on every call. */
@Injectable()
export class CallerService {
  constructor(private readonly participants: ParticipantsService) {}

  /** @throws ChatError `participant_required`, `participant_not_found` */
  async require(call: CallContext, token: string | undefined = metaToken(call)): Promise<Caller> {
    const caller = await this.find(call, token);
    if (!caller) throw participantRequired();
    return caller;
  }

  /** As `require`, but undefined when the call names nobody. */
  async find(call: CallContext, token: string | undefined = metaToken(call)): Promise<Caller | undefined> {
    const { session } = call;
    const bound = session?.participant;
    if (token === undefined || token === bound?.token) {
      return bound && { participantId: bound.id, token: bound.token };
    }
    const participantId = await this.participants.resolve(token, call.principal);
    if (session && !bound) await this.adopt(call, { participantId, token });
    return { participantId, token };
  }

  /** The caller, or a new participant for one that names nobody. `isNew` tells which. */
  async findOrCreate(
    call: CallContext,
    token: string | undefined,
    profile: { display_name?: string; attributes?: Record<string, unknown> },
  ): Promise<Caller> {
    const { display_name: displayName, attributes } = profile;
    const known = await this.find(call, token);
    if (known) {
      await this.participants.update(known.participantId, { displayName, attributes });
      await this.adopt(call, known);
      return known;
    }
    const created = await this.participants.create({ displayName, attributes }, call.principal);
    const caller = { participantId: created.participant.id, token: created.token };
    await this.adopt(call, caller);
    return caller;
  }

  /** Makes the caller's session speak as this participant from here on. */
  async adopt({ session }: CallContext, { participantId, token }: Caller): Promise<void> {
    if (!session || session.participant?.id === participantId) return;
    const { participant, head } = await this.participants.get(participantId);
    session.bind({ id: participantId, logId: participant.logId, token, position: head });
  }
}

function metaToken(call: CallContext): string | undefined {
  const token = call.meta[TOKEN_META_KEY];
  return typeof token === 'string' ? token : undefined;
}
