import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { AuditTrail } from './audit-trail.js';
import { CaseDesk } from './case-desk.js';
import { ModerationGate } from './moderation-gate.js';
import { ModerationService } from './moderation.service.js';
import { WatchKeeper } from './watch-keeper.js';

/** How people treat each other: what they may write, what is said of them, and what operators do about it. */
@Module({
  imports: [NotificationsModule],
  providers: [AuditTrail, CaseDesk, ModerationGate, ModerationService, WatchKeeper],
  exports: [AuditTrail, CaseDesk, ModerationGate, ModerationService],
})
export class ModerationModule {}
