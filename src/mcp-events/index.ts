export { DeliveryMetrics } from './webhooks/index.js';
export { McpEventsModule } from './mcp-events.module.js';
