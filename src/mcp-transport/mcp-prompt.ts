import type { GetPromptResult, PromptArgument } from '@modelcontextprotocol/server';

/** A prompt that a host offers its user. */
export interface McpPrompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  get(args: Readonly<Record<string, string>>): GetPromptResult['messages'];
  /** Values of an argument that begin with `value`. */
  complete?(argument: string, value: string): readonly string[];
}
