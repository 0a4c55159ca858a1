export { checked, ConfigurationError } from './checked.js';
export {
  type EgressSettings,
  type EventsSettings,
  loadConfig,
  ParleyConfig,
  type PoolSettings,
  type WebhookSettings,
  type StrategySetting,
} from './parley-config.js';
