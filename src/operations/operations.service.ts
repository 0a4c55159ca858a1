import { Inject, Injectable } from '@nestjs/common';
import { type Actor, AuditTrail } from '../moderation/index.js';
import { NotificationsService } from '../notifications/index.js';
import { CaseStore } from '../ports/case-store.js';
import { Clock } from '../ports/clock.js';
import { HistoryStore } from '../ports/history-store.js';
import type { PoolMode, RoomFacts, TicketFacts } from '../ports/operator-steps.js';
import { type Commit, StateStore } from '../ports/state-store.js';
import { WebhookStore, type WebhookSubscription } from '../ports/webhook-store.js';
import { type PoolChange, QueueService } from '../queue/index.js';
import { roomFactsRequired, webhookNotFound } from './not-found.js';

/** What each mode is called when somebody does it. */
const DEEDS: Readonly<Record<PoolMode, string>> = { open: 'pool.resume', paused: 'pool.pause', draining: 'pool.drain' };

/** What operators do to pools, tickets, rooms and participants. Each act leaves an entry in the audit log. */
@Injectable()
export class OperationsService {
  constructor(
    private readonly queue: QueueService,
    private readonly notifications: NotificationsService,
    private readonly audit: AuditTrail,
    @Inject(StateStore) private readonly state: StateStore,
    @Inject(HistoryStore) private readonly history: HistoryStore | null,
    @Inject(CaseStore) private readonly cases: CaseStore,
    @Inject(WebhookStore) private readonly webhooks: WebhookStore,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ChatError `unknown_pool`, `invalid_arguments` of a strategy that cannot be used */
  changePool(actor: Actor, pool: string, change: PoolChange): Promise<void> {
    const { mode, strategy } = change;
    const action = mode === undefined ? 'pool.strategy' : DEEDS[mode];
    const details = {
      ...(mode !== undefined && { mode }),
      ...(strategy !== undefined && { strategy: strategy?.strategy ?? null }),
    };
    return this.audit.act(actor, { action, subject: pool, details }, () => this.queue.controlPool(pool, change));
  }

  /** @throws ChatError `ticket_not_found` */
  removeTicket(actor: Actor, ticketId: string): Promise<TicketFacts> {
    return this.audit.act(actor, { action: 'ticket.remove', subject: ticketId }, () => this.queue.remove(ticketId));
  }

  /** @throws ChatError `ticket_not_found`, `ticket_refused`, `unknown_pool` */
  moveTicket(actor: Actor, ticketId: string, pool: string): Promise<TicketFacts> {
    const deed = { action: 'ticket.move', subject: ticketId, details: { pool } };
    return this.audit.act(actor, deed, () => this.queue.move(ticketId, pool));
  }

  /** Ends a conversation. @throws ChatError `room_not_found`, `room_ended` */
  closeRoom(actor: Actor, roomId: string): Promise<RoomFacts> {
    return this.audit.act(actor, { action: 'room.close', subject: roomId }, async () => {
      this.#publish(await this.state.closeRoom(roomId, this.clock.now()));
      return roomFactsRequired(await this.state.roomFacts(roomId));
    });
  }

  /** Takes a participant out of its queues and rooms; it may come back. @throws ChatError `participant_not_found` */
  disconnect(actor: Actor, participantId: string): Promise<void> {
    return this.audit.act(actor, { action: 'participant.disconnect', subject: participantId }, async () =>
      this.#publish(await this.state.dismiss(participantId, this.clock.now())),
    );
  }

  /**
   * Deletes what is kept of a participant, for ever: in the state first, so that what that still tells the history is about
   * somebody forgotten. Nobody need be known by that id any more.
   */
  forget(actor: Actor, participantId: string): Promise<void> {
    return this.audit.act(actor, { action: 'participant.forget', subject: participantId }, async () => {
      this.#publish(await this.state.forget(participantId, this.clock.now()));
      await this.cases.forget(participantId);
      await this.history?.forget(participantId);
    });
  }

  /** Ends a webhook subscription and what is under way to it. @throws ChatError `webhook_not_found` */
  endWebhook(actor: Actor, subscriptionId: string): Promise<WebhookSubscription> {
    return this.audit.act(actor, { action: 'webhook.end', subject: subscriptionId }, async () => {
      const ended = await this.webhooks.unsubscribe(subscriptionId, this.clock.now());
      if (!ended) throw webhookNotFound();
      return ended;
    });
  }

  #publish({ appended }: Commit): void {
    this.notifications.publish(appended);
  }
}
