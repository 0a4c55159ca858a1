export { stateLimits, ticketOf } from './builders.js';
export { FakeClock } from './fake-clock.js';
export { SequentialIds } from './sequential-ids.js';
export { describeStateStoreContract, type MakeStateStore } from './state-store/contract.js';
export type { TestApi } from './test-api.js';
