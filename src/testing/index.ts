export { describeAuditLogContract, type MakeAuditLog } from './audit-log/contract.js';
export { describeCaseStoreContract, type MakeCaseStore } from './case-store/contract.js';
export { stateLimits, ticketOf } from './builders.js';
export {
  describeEventPublisherContract,
  type MakePublisher,
  type PublisherUnderTest,
} from './event-publisher/contract.js';
export { MemoryEventPublisher } from './event-publisher/memory-event-publisher.js';
export { FakeClock } from './fake-clock.js';
export { describeHistoryStoreContract, type MakeHistoryStore } from './history-store/contract.js';
export { SequentialIds } from './sequential-ids.js';
export { describeStateStoreContract, type MakeStateStore } from './state-store/contract.js';
export {
  describeStrategyContract,
  type MakeStrategy,
  type StrategyContractOptions,
} from './strategy-contract/contract.js';
export { type CrowdOptions, crowdOf, type TicketMaker } from './strategy-contract/crowd.js';
export {
  type Arrival,
  type BenchOptions,
  MatchingBench,
  meet,
  type Meeting,
} from './strategy-contract/matching-bench.js';
export { type Acquaintances, StaticView } from './strategy-contract/static-view.js';
export type { TestApi } from './test-api.js';
export { describeWebhookStoreContract, type MakeWebhookStore } from './webhook-store/contract.js';
