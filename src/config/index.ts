export { checked, ConfigurationError } from './checked.js';
export {
  type EgressSettings,
  type EventsSettings,
  loadConfig,
  ParleyConfig,
  type PoolSettings,
  type StrategySetting,
} from './parley-config.js';
