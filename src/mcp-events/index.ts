export { McpEventsModule } from './mcp-events.module.js';
