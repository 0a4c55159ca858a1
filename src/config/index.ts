export { checked, ConfigurationError } from './checked.js';
export { loadConfig, ParleyConfig, type PoolSettings, type StrategySetting } from './parley-config.js';
