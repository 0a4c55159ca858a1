export type { CallContext } from './call-context.js';
export type { McpPrompt } from './mcp-prompt.js';
export { McpRegistry } from './mcp-registry.js';
export type { McpResource } from './mcp-resource.js';
export type { McpTool, ToolResult } from './mcp-tool.js';
export { MCP_PATH, McpTransportModule } from './mcp-transport.module.js';
export { RpcError } from './protocol.js';
