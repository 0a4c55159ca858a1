import { Inject, Injectable, Logger } from '@nestjs/common';
import { CaseStore } from '../ports/case-store.js';
import { Clock } from '../ports/clock.js';
import type { Rate } from '../domain/token-bucket.js';
import { Ids } from '../ports/ids.js';
import { type Evidence, EVIDENCE_MESSAGES } from '../ports/operator-steps.js';
import { StateStore } from '../ports/state-store.js';
import { RecentRates } from './recent-rates.js';

/** How often one participant may report, so that none pushes out the cases of others alone. */
const REPORT_RATE: Rate = { burst: 10, perMs: 600_000 };

/** Where complaints are taken in. */
@Injectable()
export class CaseDesk {
  readonly #logger = new Logger('Moderation');
  readonly #rates = new RecentRates('reports', REPORT_RATE);

  constructor(
    @Inject(CaseStore) private readonly cases: CaseStore,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Somebody reports somebody. @throws ChatError `rate_limited` */
  async report({ reporter, ...evidence }: Evidence, reason: string): Promise<void> {
    this.#rates.take(reporter.user_id, this.clock.now());
    const complaint = { reporter: reporter.user_id, reason, at: this.clock.now() };
    await this.cases.open({ id: this.ids.uuid(), evidence, complaint });
  }

  /**
   * A moderator flags what somebody has said, or is called. Nobody waits for it.
   * @param roomId undefined for a name
   */
  flag(participantId: string, roomId: string | undefined, reasons: readonly string[]): void {
    this.#flag(participantId, roomId, reasons.join('; ')).catch((error: unknown) => {
      const what = { participant_id: participantId, room_id: roomId };
      this.#logger.error({ msg: 'no case was opened for what was flagged', ...what, error: String(error) });
    });
  }

  async #flag(participantId: string, roomId: string | undefined, reason: string): Promise<void> {
    const at = this.clock.now();
    const person = await this.state.participantFacts(participantId, at);
    // Forgotten in the meantime, and with it what was said.
    if (!person) return;
    const { displayName: display_name, provenance, principal } = person;
    const reported = { user_id: participantId, display_name, provenance };
    const evidence = { reported, reportedPrincipal: principal, ...(await this.#saidIn(roomId)) };
    await this.cases.open({ id: this.ids.uuid(), evidence, complaint: { reporter: null, reason, at } });
  }

  async #saidIn(roomId: string | undefined) {
    const facts = roomId === undefined ? undefined : await this.state.roomFacts(roomId);
    if (!facts) return { room: null, messages: [] };
    const { messages } = await this.state.transcript(facts.roomId, { limit: EVIDENCE_MESSAGES });
    return { room: { roomId: facts.roomId, kind: facts.kind, name: facts.name }, messages };
  }
}
