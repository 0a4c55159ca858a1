export { type AuthSettings, MCP_PATH } from './auth-settings.js';
export { checked, ConfigurationError, inspect } from './checked.js';
export { isLoopback } from './loopback.js';
export type { ModerationSettings } from './moderation-settings.js';
export {
  type EgressSettings,
  type EventsSettings,
  loadConfig,
  type MessageQueueSettings,
  ParleyConfig,
  type PoolSettings,
  type WebhookSettings,
  type StrategySetting,
} from './parley-config.js';
