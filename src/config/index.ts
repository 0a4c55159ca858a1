export { ConfigurationError, loadConfig, ParleyConfig, type PoolSettings } from './parley-config.js';
