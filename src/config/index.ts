export { type AuthSettings, MCP_PATH } from './auth-settings.js';
export { checked, ConfigurationError, inspect } from './checked.js';
export { TENANT_NAME } from './environment.js';
export { isLoopback } from './loopback.js';
export type { ModerationSettings } from './moderation-settings.js';
export {
  type EgressSettings,
  type EventsSettings,
  type HistorySettings,
  loadConfig,
  type MessageQueueSettings,
  ParleyConfig,
  type PoolSettings,
  type WebhookSettings,
  type StrategySetting,
  type TenancySettings,
  tenantPath,
} from './parley-config.js';
export { frontConfig, loadTenants, ofTenant, type TenantSettings } from './tenants.js';
