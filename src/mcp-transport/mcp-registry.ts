import { Injectable } from '@nestjs/common';
import { compileArguments } from './json-schema.js';
import type { McpMethod } from './mcp-method.js';
import type { McpPrompt } from './mcp-prompt.js';
import type { McpResource } from './mcp-resource.js';
import type { McpTool } from './mcp-tool.js';

/** A tool with its arguments' check, compiled once. */
export interface RegisteredTool {
  readonly tool: McpTool;
  readonly check: (args: unknown) => never;
  /** What `tools/list` shows as `_meta`. */
  readonly meta: McpTool['_meta'];
}

/** What the endpoint serves, in the order in which it was added. Add before the application listens. */
@Injectable()
export class McpRegistry {
  readonly tools = new Map<string, RegisteredTool>();
  readonly resources: McpResource[] = [];
  readonly prompts = new Map<string, McpPrompt>();
  readonly methods = new Map<string, McpMethod>();
  /** Capabilities and extensions that the server declares besides its own, with their settings. */
  readonly capabilities = new Map<string, object>();
  readonly extensions = new Map<string, object>();

  addTool(tool: McpTool): void {
    this.tools.set(tool.name, { tool, check: compileArguments<never>(tool.inputSchema), meta: tool._meta });
  }

  /** Adds to the `_meta` of a tool there is, e.g. the window that goes with it. */
  addToolMeta(name: string, meta: Readonly<Record<string, unknown>>): void {
    const registered = this.tools.get(name);
    if (!registered) throw new Error(`There is no tool ${name}`);
    this.tools.set(name, { ...registered, meta: { ...registered.meta, ...meta } });
  }

  addResource(resource: McpResource): void {
    this.resources.push(resource);
  }

  addPrompt(prompt: McpPrompt): void {
    this.prompts.set(prompt.name, prompt);
  }

  /** Serves a method of an extension; the methods of MCP itself cannot be replaced. */
  addMethod(method: McpMethod): void {
    this.methods.set(method.name, method);
  }

  /** Declares a capability at the top level, in `server/discover` and `initialize`. */
  addCapability(name: string, settings: object): void {
    this.capabilities.set(name, settings);
  }

  /** Declares an extension, in `server/discover` and `initialize`. */
  addExtension(name: string, settings: object): void {
    this.extensions.set(name, settings);
  }
}
