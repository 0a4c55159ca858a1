import { Injectable } from '@nestjs/common';
import { participantRequired } from '../domain/errors.js';
import { ParticipantsService } from '../participants/index.js';
import type { Awaitable } from '../ports/state-store.js';
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
  require(call: CallContext, token: string | undefined = metaToken(call)): Awaitable<Caller> {
    const caller = this.find(call, token);
    return caller instanceof Promise ? caller.then(required) : required(caller);
  }

  /** As `require`, but undefined when the call names nobody. */
  find(call: CallContext, token: string | undefined = metaToken(call)): Awaitable<Caller | undefined> {
    const { session } = call;
    const bound = session?.participant;
    if (token === undefined || token === bound?.token) {
      return bound && { participantId: bound.id, token: bound.token };
    }
    const participantId = this.participants.resolve(token, call.principal);
    if (typeof participantId === 'string' && (!session || bound)) return { participantId, token };
    return this.#adopted(call, participantId, token);
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

  async #adopted(call: CallContext, id: Awaitable<string>, token: string): Promise<Caller> {
    const caller = { participantId: await id, token };
    if (!call.session?.participant) await this.adopt(call, caller);
    return caller;
  }

  /** Makes the caller's session speak as this participant from here on. */
  async adopt({ session }: CallContext, { participantId, token }: Caller): Promise<void> {
    if (!session || session.participant?.id === participantId) return;
    const { participant, head } = await this.participants.get(participantId);
    session.bind({ id: participantId, logId: participant.logId, token, position: head });
  }
}

function required(caller: Caller | undefined): Caller {
  if (!caller) throw participantRequired();
  return caller;
}

function metaToken(call: CallContext): string | undefined {
  const token = call.meta[TOKEN_META_KEY];
  return typeof token === 'string' ? token : undefined;
}
