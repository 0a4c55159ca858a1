import type { CallToolResult, ContentBlock, ToolAnnotations } from '@modelcontextprotocol/server';
import type { ChatError } from '../domain/errors.js';
import type { Scope } from '../ports/identity-verifier.js';
import type { Awaitable } from '../ports/awaitable.js';
import type { CallContext } from './call-context.js';
import type { JsonSchema } from './json-schema.js';

/** What a tool answers. */
export interface ToolResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: CallToolResult['structuredContent'];
  /** The structured content as JSON text, instead of `structuredContent`, from a tool that has it serialised already. */
  readonly structuredJson?: string;
  readonly isError?: boolean;
  /** Called when the answer has been handed to the client's connection. */
  readonly delivered?: () => Awaitable<void>;
}

/** A tool as the registry knows it: what it is, and one method that does it. */
export interface McpTool<Arguments = never> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations?: ToolAnnotations;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** Shown by `tools/list`, for hosts: who may call the tool, which window goes with it. */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /** What a caller must be allowed besides `parley:chat`; without authentication nobody is. */
  readonly scope?: Scope;
  /** False when the configuration has switched its feature off: then it is neither listed nor served. */
  readonly enabled?: boolean;
  call(args: Arguments, call: CallContext): Awaitable<ToolResult>;
}

/** A result with the same facts twice: as data for programs and as short text for models. */
export function reply(structured: object, text: string, delivered?: ToolResult['delivered']): ToolResult {
  return { content: [{ type: 'text', text }], structuredContent: structured, delivered };
}

/** As `reply`, with the data as JSON text. */
export function replyJson(structuredJson: string, text: string, delivered?: ToolResult['delivered']): ToolResult {
  return { content: [{ type: 'text', text }], structuredJson, delivered };
}

/** A failure the model can mend. */
export function failure({ message, code, hint, retryable, details }: ChatError): ToolResult {
  const structured = { error: message, code, hint, retryable, ...details };
  return { content: [{ type: 'text', text: `${message}. ${hint}` }], structuredContent: structured, isError: true };
}

const FAILURE = {
  error: { type: 'string' },
  code: { type: 'string' },
  hint: { type: 'string' },
  retryable: { type: 'boolean' },
} as const;

/** An output schema that a failure meets as well: SDK 1.x clients check the results of failed calls against it, too. */
export function orFailure({ properties, required = [], ...schema }: JsonSchema): JsonSchema {
  return {
    ...schema,
    properties: { ...(properties as object | undefined), ...FAILURE },
    anyOf: [{ required }, { required: Object.keys(FAILURE) }],
  };
}
