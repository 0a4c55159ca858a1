import { banned, muted, tooManySanctions } from '../../domain/errors.js';
import {
  type Page,
  type PageQuery,
  type Sanction,
  SANCTIONS_MAX,
  type SanctionSubject,
} from '../../ports/operator-steps.js';
import { DueQueue } from './due-queue.js';
import { pageOf } from './page-of.js';

/** Until when somebody is banned and muted, in milliseconds since the epoch: 0 not at all, `Infinity` until it is lifted. */
export interface Restrictions {
  readonly bannedUntil: number;
  readonly mutedUntil: number;
}

/** Bans and mutes that are not over. */
export class Sanctions {
  readonly #byId = new Map<string, { readonly sanction: Sanction; readonly order: number }>();
  readonly #bySubject = new Map<string, Set<Sanction>>();
  readonly #ends = new DueQueue();
  #order = 0;

  /** @throws ChatError `too_many_sanctions` */
  add(sanction: Sanction): void {
    if (this.#byId.size >= SANCTIONS_MAX) throw tooManySanctions(SANCTIONS_MAX);
    this.#byId.set(sanction.id, { sanction, order: ++this.#order });
    const key = keyOf(sanction.subject);
    const others = this.#bySubject.get(key);
    if (others) others.add(sanction);
    else this.#bySubject.set(key, new Set([sanction]));
    if (sanction.until !== null) this.#ends.schedule(sanction.id, sanction.until);
  }

  /** Undefined when there is no such sanction any more. */
  delete(id: string): Sanction | undefined {
    const sanction = this.#byId.get(id)?.sanction;
    if (!sanction) return undefined;
    this.#byId.delete(id);
    this.#ends.cancel(id);
    const key = keyOf(sanction.subject);
    const others = this.#bySubject.get(key)!;
    others.delete(sanction);
    if (others.size === 0) this.#bySubject.delete(key);
    return sanction;
  }

  /** Of a participant itself and of its principal, the oldest first. */
  of(participantId: string, principal: string | null): readonly Sanction[] {
    const subjects: SanctionSubject[] = principal === null ? [{ participantId }] : [{ participantId }, { principal }];
    return subjects.flatMap((subject) => [...(this.#bySubject.get(keyOf(subject)) ?? [])]);
  }

  /** Undefined when there are none. */
  restrictions(participantId: string, principal: string | null): Restrictions | undefined {
    if (this.#byId.size === 0) return undefined;
    let [bannedUntil, mutedUntil] = [0, 0];
    for (const { kind, until } of this.of(participantId, principal)) {
      if (kind === 'ban') bannedUntil = Math.max(bannedUntil, until ?? Infinity);
      else mutedUntil = Math.max(mutedUntil, until ?? Infinity);
    }
    return bannedUntil + mutedUntil > 0 ? { bannedUntil, mutedUntil } : undefined;
  }

  /** Newest first. */
  page(query: PageQuery, now: number): Page<Sanction> {
    const inForce = [...this.#byId.values()].reverse().filter(({ sanction }) => isInForce(sanction, now));
    // The newest have the highest numbers.
    const placeOf = ({ order }: { order: number }) => ({ at: Number.MAX_SAFE_INTEGER - order, tie: '' });
    return pageOf(inForce, query, placeOf, ({ sanction }) => sanction);
  }

  /** Drops those of a participant who is forgotten. */
  forget(participantId: string): void {
    for (const { id } of this.of(participantId, null)) this.delete(id);
  }

  /** Drops what is over. */
  expire(now: number): void {
    for (const id of this.#ends.take(now)) this.delete(id);
  }
}

export const isBanned = (restrictions: Restrictions | undefined, now: number) =>
  restrictions !== undefined && restrictions.bannedUntil > now;

/** @throws ChatError `banned` */
export function requireNoBan(restrictions: Restrictions | undefined, now: number): void {
  if (isBanned(restrictions, now)) throw banned(told(restrictions!.bannedUntil));
}

/** @throws ChatError `muted` */
export function requireVoice(restrictions: Restrictions | undefined, now: number): void {
  if (restrictions !== undefined && restrictions.mutedUntil > now) throw muted(told(restrictions.mutedUntil));
}

const told = (until: number) => (until === Infinity ? null : until);

export const isInForce = ({ until }: Sanction, now: number) => until === null || until > now;

const keyOf = (subject: SanctionSubject) =>
  'participantId' in subject ? `participant ${subject.participantId}` : `principal ${subject.principal}`;
