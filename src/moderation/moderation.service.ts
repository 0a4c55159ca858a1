import { Inject, Injectable } from '@nestjs/common';
import { banned, caseNotFound, invalidArguments, notAllowed, sanctionNotFound } from '../domain/errors.js';
import type { MessagePage } from '../domain/room.js';
import { requireLabel } from '../domain/text.js';
import { NotificationsService } from '../notifications/index.js';
import { type Case, CaseStore, type CaseSummary } from '../ports/case-store.js';
import { Clock } from '../ports/clock.js';
import { Ids } from '../ports/ids.js';
import type { Page, PageQuery, RoomFacts, Sanction, SanctionSubject } from '../ports/operator-steps.js';
import { type MessageQuery, StateStore } from '../ports/state-store.js';
import { type Actor, requireModerator } from './actor.js';
import { AuditTrail, type Deed } from './audit-trail.js';
import { WatchKeeper } from './watch-keeper.js';

/** Longest reason or note of an operator, in characters. */
const WORDS_MAX = 1_000;

/** A ban or a mute that an operator wants. */
export interface SanctionOrder {
  readonly subject: SanctionSubject;
  /** For operators: 1 to 1,000 characters. */
  readonly reason: string;
  /** Milliseconds since the epoch, later than now; null: until it is lifted. */
  readonly until: number | null;
}

/**
 * What operators do about people's conduct. Whatever changes something or shows what people said is in the audit log,
 * whatever came of it. Every call throws `not_allowed` unless its actor may moderate.
 */
@Injectable()
export class ModerationService {
  constructor(
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(CaseStore) private readonly caseStore: CaseStore,
    private readonly watches: WatchKeeper,
    private readonly audit: AuditTrail,
    private readonly notifications: NotificationsService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Keeps the subject out, at once; what it listens to at this instance ends. @throws ChatError `participant_not_found`, `too_many_sanctions` */
  async ban(actor: Actor, order: SanctionOrder): Promise<Sanction> {
    const sanction = await this.#impose('ban', actor, order);
    const { subject, until } = sanction;
    const ids = 'principal' in subject ? await this.state.participantsOf(subject.principal) : [subject.participantId];
    for (const id of ids) this.notifications.silence(id, banned(until));
    return sanction;
  }

  /** Lets the subject read and not write. @throws ChatError `participant_not_found`, `too_many_sanctions` */
  mute(actor: Actor, order: SanctionOrder): Promise<Sanction> {
    return this.#impose('mute', actor, order);
  }

  /** Ends a ban or a mute. @throws ChatError `sanction_not_found` */
  lift(actor: Actor, sanctionId: string): Promise<void> {
    return this.#act(actor, { action: 'sanction.lift', subject: sanctionId }, async () => {
      if (!(await this.state.lift(sanctionId))) throw sanctionNotFound();
    });
  }

  /** Those in force, newest first. */
  async sanctions(actor: Actor, query: PageQuery): Promise<Page<Sanction>> {
    requireModerator(actor);
    return this.state.sanctions(query, this.clock.now());
  }

  /** Newest first. */
  async cases(actor: Actor, query: PageQuery & { readonly state?: Case['state'] }): Promise<Page<CaseSummary>> {
    requireModerator(actor);
    return this.caseStore.list(query);
  }

  /** A case with what was said. @throws ChatError `case_not_found` */
  findCase(actor: Actor, id: string): Promise<Case> {
    return this.#act(actor, { action: 'case.read', subject: id }, async () => {
      const found = await this.caseStore.find(id);
      if (!found) throw caseNotFound();
      return found;
    });
  }

  /** Closes a case, once. @param note 1 to 1,000 characters. @throws ChatError `case_not_found` */
  resolve(actor: Actor, id: string, note: string): Promise<Case> {
    return this.#act(actor, { action: 'case.resolve', subject: id }, async () => {
      const resolution = { note: words('note', note), by: actor.principal, at: this.clock.now() };
      const resolved = await this.caseStore.resolve(id, resolution);
      if (!resolved) throw caseNotFound();
      return resolved;
    });
  }

  /**
   * Tells everybody in a room that it is watched, and lets operators read along until `unwatch`, or until nobody has
   * read for 5 minutes.
   * @throws ChatError `not_allowed` where rooms are not to be watched; `room_not_found`, `room_ended`
   */
  watch(actor: Actor, roomId: string): Promise<RoomFacts> {
    return this.#act(actor, { action: 'room.watch', subject: roomId }, () => this.watches.begin(roomId));
  }

  /** @throws ChatError `room_not_found`, `room_ended` */
  unwatch(actor: Actor, roomId: string): Promise<RoomFacts> {
    return this.#act(actor, { action: 'room.unwatch', subject: roomId }, () => this.watches.end(roomId));
  }

  /**
   * What was said in a room, as far as the state keeps it: while it is watched, and while a case of it is open.
   * @param why for the audit log, at most 1,000 characters
   * @throws ChatError `not_allowed`, `room_not_found`
   */
  transcript(actor: Actor, roomId: string, query: MessageQuery, why = ''): Promise<MessagePage> {
    const details: Deed['details'] = why === '' ? {} : { why: why.slice(0, WORDS_MAX) };
    const deed = { action: 'room.transcript', subject: roomId, details };
    return this.#act(actor, deed, async () => {
      const isWatched = await this.watches.read(roomId);
      if (isWatched || (await this.caseStore.isOpenIn(roomId))) return this.state.transcript(roomId, query);
      throw notAllowed(
        'What is said in this room is not for operators',
        'Watch the room first, which its members are told of, or wait until somebody reports what is said there.',
      );
    });
  }

  #impose(kind: Sanction['kind'], actor: Actor, { subject, reason, until }: SanctionOrder): Promise<Sanction> {
    const [of, id] = 'principal' in subject ? ['principal', subject.principal] : ['participant', subject.participantId];
    const sanctionId = this.ids.uuid();
    const deed = { action: `${of}.${kind}`, subject: id, details: { sanction_id: sanctionId, until } };
    return this.#act(actor, deed, async () => {
      const at = this.clock.now();
      if (until !== null && until <= at) throw invalidArguments('until must be later than now');
      const by = actor.principal;
      const sanction: Sanction = { id: sanctionId, kind, subject, reason: words('reason', reason), by, at, until };
      this.notifications.publish((await this.state.impose(sanction, at)).appended);
      return sanction;
    });
  }

  #act<T>(actor: Actor, deed: Deed, act: () => Promise<T>): Promise<T> {
    return this.audit.act(actor, deed, () => {
      requireModerator(actor);
      return act();
    });
  }
}

const words = (name: string, text: string) => requireLabel(name, text.replaceAll(/\s+/g, ' '), WORDS_MAX);
