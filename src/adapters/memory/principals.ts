import type { ParticipantRecord } from './participant-record.js';

interface Belongings {
  readonly all: Set<ParticipantRecord>;
  own: ParticipantRecord | undefined;
}

/** Which participants belong to which principal. */
export class Principals {
  readonly #byName = new Map<string, Belongings>();

  add(record: ParticipantRecord): void {
    const { principal } = record;
    if (principal === null) return;
    let belongings = this.#byName.get(principal);
    if (!belongings) this.#byName.set(principal, (belongings = { all: new Set(), own: undefined }));
    belongings.all.add(record);
    if (record.tokenDigest === null) belongings.own = record;
  }

  delete(record: ParticipantRecord): void {
    const { principal } = record;
    const belongings = principal === null ? undefined : this.#byName.get(principal);
    if (!belongings) return;
    belongings.all.delete(record);
    if (belongings.own === record) belongings.own = undefined;
    if (belongings.all.size === 0) this.#byName.delete(principal!);
  }

  /** Every participant of a principal, the oldest first. */
  of(principal: string): ReadonlySet<ParticipantRecord> {
    return this.#byName.get(principal)?.all ?? NOBODY;
  }

  /** The one that the principal alone names. */
  own(principal: string): ParticipantRecord | undefined {
    return this.#byName.get(principal)?.own;
  }
}

const NOBODY: ReadonlySet<ParticipantRecord> = new Set();
