export type { Actor } from './actor.js';
export { AuditTrail, type Deed } from './audit-trail.js';
export { CaseDesk } from './case-desk.js';
export { ModerationGate, type Passed } from './moderation-gate.js';
export { ModerationModule } from './moderation.module.js';
export { ModerationService, type SanctionOrder } from './moderation.service.js';
