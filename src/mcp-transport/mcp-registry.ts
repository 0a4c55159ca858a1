import { Injectable } from '@nestjs/common';
import { compileArguments } from './json-schema.js';
import type { McpPrompt } from './mcp-prompt.js';
import type { McpResource } from './mcp-resource.js';
import type { McpTool } from './mcp-tool.js';

/** A tool with its arguments' check, compiled once. */
export interface RegisteredTool {
  readonly tool: McpTool;
  readonly check: (args: unknown) => never;
}

/** What the endpoint serves, in the order in which it was added. Add before the application listens. */
@Injectable()
export class McpRegistry {
  readonly tools = new Map<string, RegisteredTool>();
  readonly resources: McpResource[] = [];
  readonly prompts = new Map<string, McpPrompt>();

  addTool(tool: McpTool): void {
    this.tools.set(tool.name, { tool, check: compileArguments<never>(tool.inputSchema) });
  }

  addResource(resource: McpResource): void {
    this.resources.push(resource);
  }

  addPrompt(prompt: McpPrompt): void {
    this.prompts.set(prompt.name, prompt);
  }
}
