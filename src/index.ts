export {
  type HostOptions,
  type ParleyAsyncOptions,
  ParleyModule,
  type ParleyOptions,
  type ServiceOptions,
} from './app.module.js';
export {
  ConfigurationError,
  loadConfig,
  MCP_PATH,
  ParleyConfig,
  type PoolSettings,
  type StrategySetting,
} from './config/index.js';
export { AuthService } from './auth/index.js';
export type { Criterion, Scalar } from './domain/criteria.js';
export { ChatError, type ChatErrorCode } from './domain/errors.js';
export type { EventData, EventEnvelope, EventName } from './domain/event.js';
export type { Attributes, Participant, Provenance, PublicProfile, Sender } from './domain/participant.js';
export type { Message, MessagePage, RoomView } from './domain/room.js';
export { type GroupSize, headcount, membersOf, type Reason, type Ticket, type TicketMember } from './domain/ticket.js';
export {
  AffinityOptions,
  AffinityStrategy,
  BestFirstEvaluator,
  type CheckedProposal,
  type Decision,
  type EvaluatorProvider,
  FifoStrategy,
  fillGroup,
  type FillRules,
  firstOf,
  type HostProvider,
  MATCHING_API_VERSION,
  type MatchContext,
  MatchingEngine,
  type MatchingOptions,
  MatchingStrategy,
  type MatchTrigger,
  type PoolStatistics,
  PriorityOptions,
  PriorityStrategy,
  type Proposal,
  ProposalEvaluator,
  type Rejection,
  SkillsOptions,
  SkillsStrategy,
  SkillStage,
  type StrategyClass,
  StrategyOptions,
  type StrategyProvider,
  withAging,
  withCooldown,
} from './matching/index.js';
export { type HistoryLag, HistoryService } from './history/index.js';
export { InstancesService } from './instances/index.js';
export {
  type CallContext,
  type McpMethod,
  type McpPrompt,
  McpRegistry,
  type McpResource,
  type McpTool,
  RpcError,
  type ToolResult,
} from './mcp-transport/index.js';
export { type Actor, ModerationService, type SanctionOrder } from './moderation/index.js';
export { type DomainEvent, NotificationsService, subscribeSafely } from './notifications/index.js';
export { type AuditEntry, AuditLog } from './ports/audit-log.js';
export { type Case, CaseStore } from './ports/case-store.js';
export { Clock } from './ports/clock.js';
export { HistoryStore } from './ports/history-store.js';
export { type Identity, IdentityVerifier, type Refusal, type Scope } from './ports/identity-verifier.js';
export { Ids } from './ports/ids.js';
export { MessageModerator, type Utterance, type Verdict } from './ports/message-moderator.js';
export type { Sanction, SanctionSubject } from './ports/operator-steps.js';
export { StateStore } from './ports/state-store.js';
export { WebhookStore } from './ports/webhook-store.js';
export { QueueService } from './queue/index.js';
export { RoomsService } from './rooms/index.js';
export { type RunningServer, startServer } from './server.js';
