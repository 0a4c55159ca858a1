export type { DomainEvent } from './domain-event.js';
export type { EventListener } from './log-follower.js';
export { NotificationsModule } from './notifications.module.js';
export { type EventWatcher, NotificationsService, type WaitResult } from './notifications.service.js';
export { subscribeSafely } from './subscribe-safely.js';
