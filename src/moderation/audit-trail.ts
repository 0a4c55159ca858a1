import { Inject, Injectable, Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/index.js';
import { isRefusal } from '../domain/errors.js';
import { type AuditEntry, AuditLog } from '../ports/audit-log.js';
import type { Awaitable } from '../ports/awaitable.js';
import { Clock } from '../ports/clock.js';
import { Ids } from '../ports/ids.js';
import type { Actor } from './actor.js';

/** What is done, and to what. */
export type Deed = Pick<AuditEntry, 'action' | 'subject'> & Partial<Pick<AuditEntry, 'details'>>;

/** Writes down what operators do, whatever comes of it: in the audit log, and as a line of the service's own. */
@Injectable()
export class AuditTrail {
  readonly #logger = new Logger('Audit');

  constructor(
    @Inject(AuditLog) private readonly log: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Does it, and writes an entry with its outcome before it answers. */
  async act<T>(actor: Actor, deed: Deed, act: () => Awaitable<T>): Promise<T> {
    try {
      const result = await act();
      await this.#write(actor, deed, 'done');
      return result;
    } catch (error) {
      const isRefused = isRefusal(error) || error instanceof ConfigurationError;
      await this.#write(actor, deed, isRefused ? 'refused' : 'failed');
      throw error;
    }
  }

  /** What was done stays done when the audit log is away; then the service's own has the entry. */
  async #write({ principal: actor }: Actor, { action, subject, details = {} }: Deed, outcome: AuditEntry['outcome']) {
    const entry = { id: this.ids.uuid(), at: this.clock.now(), actor, action, subject, outcome, details };
    this.#logger.log({ msg: 'audit', ...entry });
    try {
      await this.log.append(entry);
    } catch (error) {
      this.#logger.error({ msg: 'audit entry not kept', id: entry.id, error: String(error) });
    }
  }
}
