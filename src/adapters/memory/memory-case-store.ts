import { readPlace, writePlace } from '../../domain/place.js';
import {
  type Case,
  type CaseEvidence,
  type CaseStore,
  type CaseSummary,
  COMPLAINTS_MAX,
  type NewCase,
  type Resolution,
} from '../../ports/case-store.js';
import type { Page, PageQuery } from '../../ports/operator-steps.js';
import { nameless } from './room-record.js';

interface Kept {
  readonly order: number;
  readonly case: Case;
}

/** Cases in a map. They end with the process. */
export class MemoryCaseStore implements CaseStore {
  /** In the order in which they were opened. */
  readonly #kept = new Map<string, Kept>();
  /** The ids of those that are open, by what they are about. */
  readonly #open = new Map<string, string>();
  #order = 0;

  /** @param max most cases kept */
  constructor(private readonly max: number) {}

  open({ id, evidence, complaint }: NewCase): string {
    const subject = subjectOf(evidence);
    const known = this.#kept.get(this.#open.get(subject) ?? '');
    if (known) {
      const { complaints } = known.case;
      if (complaints.length < COMPLAINTS_MAX) this.#change(known, { complaints: [...complaints, complaint] });
      return known.case.id;
    }
    while (this.#kept.size >= this.max) this.#dropOne();
    const opened: Case = {
      ...{ id, state: 'open', evidence, complaints: [complaint], openedAt: complaint.at, resolution: null },
    };
    this.#kept.set(id, { order: ++this.#order, case: opened });
    this.#open.set(subject, id);
    return id;
  }

  find(id: string): Case | undefined {
    return this.#kept.get(id)?.case;
  }

  list({ after, limit, state }: PageQuery & { readonly state?: Case['state'] }): Page<CaseSummary> {
    const before = after === undefined ? Infinity : readPlace(after).at;
    const found = [...this.#kept.values()]
      .filter((kept) => kept.order < before && (state === undefined || kept.case.state === state))
      .slice(-limit - 1)
      .reverse();
    const items = found.slice(0, limit);
    return {
      items: items.map((kept) => summaryOf(kept.case)),
      ...(found.length > limit && { next: writePlace({ at: items.at(-1)!.order, tie: '' }) }),
    };
  }

  isOpenIn(roomId: string): boolean {
    for (const id of this.#open.values()) if (this.find(id)!.evidence.room?.roomId === roomId) return true;
    return false;
  }

  resolve(id: string, resolution: Resolution): Case | undefined {
    const kept = this.#kept.get(id);
    if (kept?.case.state !== 'open') return undefined;
    this.#open.delete(subjectOf(kept.case.evidence));
    return this.#change(kept, { state: 'resolved', resolution });
  }

  forget(participantId: string): void {
    for (const kept of this.#kept.values()) this.#change(kept, without(kept.case, participantId));
  }

  openCases(): number {
    return this.#open.size;
  }

  #change({ order, case: before }: Kept, change: Partial<Case>): Case {
    const changed = { ...before, ...change };
    this.#kept.set(before.id, { order, case: changed });
    return changed;
  }

  #dropOne(): void {
    const all = [...this.#kept.values()].map((kept) => kept.case);
    const { id, state, evidence } = all.find((each) => each.state === 'resolved') ?? all[0]!;
    this.#kept.delete(id);
    if (state === 'open') this.#open.delete(subjectOf(evidence));
  }
}

const subjectOf = ({ room, reported }: CaseEvidence) => `${room?.roomId ?? ''} ${reported.user_id}`;

function summaryOf({ evidence: { messages: _, ...evidence }, complaints, ...rest }: Case): CaseSummary {
  return { ...rest, evidence, complaints: complaints.length };
}

function without({ evidence, complaints }: Case, id: string): Pick<Case, 'evidence' | 'complaints'> {
  const { reported, messages } = evidence;
  return {
    evidence: {
      ...evidence,
      reported: reported.user_id === id ? nameless(reported) : reported,
      messages: messages.map((message) =>
        message.sender.user_id === id ? { ...message, text: '', sender: nameless(message.sender) } : message,
      ),
    },
    complaints: complaints.map((complaint) => (complaint.reporter === id ? { ...complaint, reason: '' } : complaint)),
  };
}
