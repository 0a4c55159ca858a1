export { ParleyModule, type ParleyOptions } from './app.module.js';
export { ConfigurationError, loadConfig, ParleyConfig, type PoolSettings } from './config/index.js';
export { ChatError, type ChatErrorCode } from './domain/errors.js';
export type { EventData, EventEnvelope, EventName } from './domain/event.js';
export type { Attributes, Participant, Provenance, PublicProfile, Sender } from './domain/participant.js';
export type { Message, MessagePage, RoomView } from './domain/room.js';
export type { Reason, Ticket } from './domain/ticket.js';
export {
  FifoStrategy,
  type MatchContext,
  MatchingStrategy,
  type MatchTrigger,
  type Proposal,
  type Rejection,
  type StrategyProvider,
} from './matching/index.js';
export {
  type CallContext,
  MCP_PATH,
  type McpPrompt,
  McpRegistry,
  type McpResource,
  type McpTool,
  RpcError,
  type ToolResult,
} from './mcp-transport/index.js';
export { type DomainEvent, NotificationsService, subscribeSafely } from './notifications/index.js';
export { Clock } from './ports/clock.js';
export { Ids } from './ports/ids.js';
export { StateStore } from './ports/state-store.js';
export { QueueService } from './queue/index.js';
export { RoomsService } from './rooms/index.js';
export { type RunningServer, startServer } from './server.js';
