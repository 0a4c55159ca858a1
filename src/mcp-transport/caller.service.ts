import { Injectable } from '@nestjs/common';
import { ChatError, participantRequired } from '../domain/errors.js';
import type { Participant } from '../domain/participant.js';
import { ParticipantsService, type Profile } from '../participants/index.js';
import type { Awaitable } from '../ports/awaitable.js';
import type { Identity } from '../ports/identity-verifier.js';
import type { CallContext } from './call-context.js';
import { ANOTHER_META_KEY, TOKEN_META_KEY } from './protocol.js';
import type { BoundParticipant, McpSession } from './session.js';

export interface Caller {
  readonly participantId: string;
  /** The token as the caller knows it, where there is one. */
  readonly token: string | undefined;
}

/** A caller and its participant as it is now. */
export interface KnownCaller extends Caller {
  readonly participant: Participant;
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
    const { session, principal } = call;
    const bound = session?.participant;
    if (token === undefined && principal !== null) return this.#own(principal, session);
    if (token === undefined || token === bound?.token) {
      return bound && callerOf(bound);
    }
    const participantId = this.participants.resolve(token, principal);
    if (typeof participantId === 'string' && (!session || bound)) return { participantId, token };
    return this.#adopted(call, participantId, token);
  }

  /**
   * The caller, or a new participant for one that names nobody: the principal's own one, unless the call asks for
   * another by `_meta`.
   */
  async findOrCreate(
    call: CallContext,
    token: string | undefined,
    profile: { display_name?: string; attributes?: Record<string, unknown> },
  ): Promise<KnownCaller> {
    const { display_name: displayName, attributes } = profile;
    const { principal, identity } = call;
    const named = token ?? metaToken(call);
    const another = principal !== null && named === undefined && call.meta[ANOTHER_META_KEY] === true;
    const found = another ? undefined : await this.find(call, named);
    const known =
      (found && (await this.#updated(found, { displayName, attributes }, identity, named === undefined))) ??
      (await this.#create({ displayName, attributes }, call, another));
    await this.adopt(call.session, known);
    return known;
  }

  /** Lets a session that speaks as nobody yet speak as its principal's own participant, if there is one. */
  async adoptOwn(session: McpSession): Promise<void> {
    if (session.principal !== null && !session.participant) await this.#own(session.principal, session);
  }

  /**
   * @param mayBeGone a session may speak as somebody who has been forgotten: to name nobody is to begin anew then
   * @returns undefined for somebody who is gone
   */
  async #updated(
    { participantId, token }: Caller,
    profile: Profile,
    identity: Identity | null,
    mayBeGone: boolean,
  ): Promise<KnownCaller | undefined> {
    try {
      const participant = await this.participants.update(participantId, profile, identity);
      return { participantId, token, participant };
    } catch (error) {
      if (mayBeGone && error instanceof ChatError && error.code === 'participant_not_found') return undefined;
      throw error;
    }
  }

  async #create(profile: Profile, { principal, identity }: CallContext, another: boolean): Promise<KnownCaller> {
    if (principal !== null && !another) {
      const participant = await this.participants.createOwn(profile, principal, identity);
      return { participantId: participant.id, token: undefined, participant };
    }
    const { participant, token } = await this.participants.create(profile, principal, identity);
    return { participantId: participant.id, token, participant };
  }

  async #own(principal: string, session: McpSession | undefined): Promise<Caller | undefined> {
    const own = await this.participants.own(principal);
    if (own === undefined) {
      // Without a token it was the principal's own one, which has been forgotten.
      const bound = session?.participant;
      return bound?.token === undefined ? undefined : callerOf(bound);
    }
    const caller = { participantId: own, token: undefined };
    if (session && !session.participant) await this.adopt(session, caller);
    return caller;
  }

  async #adopted({ session }: CallContext, id: Awaitable<string>, token: string): Promise<Caller> {
    const caller = { participantId: await id, token };
    if (!session?.participant) await this.adopt(session, caller);
    return caller;
  }

  /** Makes the caller's session speak as this participant from here on. */
  async adopt(session: McpSession | undefined, { participantId, token }: Caller): Promise<void> {
    if (!session || session.participant?.id === participantId) return;
    const { participant, head } = await this.participants.get(participantId);
    session.bind({ id: participantId, logId: participant.logId, token, position: head });
  }
}

const callerOf = ({ id, token }: BoundParticipant): Caller => ({ participantId: id, token });

function required(caller: Caller | undefined): Caller {
  if (!caller) throw participantRequired();
  return caller;
}

function metaToken(call: CallContext): string | undefined {
  const token = call.meta[TOKEN_META_KEY];
  return typeof token === 'string' ? token : undefined;
}
