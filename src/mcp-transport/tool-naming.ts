import { ChatError } from '../domain/errors.js';
import type { McpPrompt } from './mcp-prompt.js';
import type { McpTool, ToolResult } from './mcp-tool.js';

/** Partners' words and quoted data, which stay as they are. */
const DATA = /<untrusted-([0-9a-f]+)>[^]*?<\/untrusted-\1>|"(?:[^"\\\n]|\\.)*"/;

/** The configured prefix, put before the tools' names and wherever Parley's own words tell a model what to call. */
export class ToolNaming {
  readonly #names: RegExp;

  /** @param prefix may be empty: then everything stays as it is */
  constructor(
    private readonly prefix: string,
    names: readonly string[],
  ) {
    this.#names = new RegExp(`(${DATA.source})|\\b(?:${names.join('|')})\\b`, 'g');
  }

  words(text: string): string {
    if (this.prefix === '') return text;
    return text.replace(this.#names, (match: string, data?: string) => data ?? this.prefix + match);
  }

  tool(tool: McpTool): McpTool {
    if (this.prefix === '') return tool;
    return {
      name: this.prefix + tool.name,
      title: tool.title,
      description: this.words(tool.description),
      annotations: tool.annotations,
      inputSchema: this.descriptions(tool.inputSchema),
      outputSchema: tool.outputSchema,
      _meta: tool._meta,
      scope: tool.scope,
      call: async (args, call) => {
        try {
          return this.#result(await tool.call(args, call));
        } catch (error) {
          throw this.#renamed(error);
        }
      },
    };
  }

  prompt(prompt: McpPrompt): McpPrompt {
    return {
      ...prompt,
      description: this.words(prompt.description),
      get: (args) =>
        prompt.get(args).map(({ role, content }) => ({
          role,
          content: content.type === 'text' ? { ...content, text: this.words(content.text) } : content,
        })),
    };
  }

  /** Whatever `value` (plain data) describes, at any depth, in the words that the prefix makes of it. */
  descriptions<T>(value: T): T {
    if (this.prefix === '') return value;
    const reviver = (key: string, value: unknown) =>
      key === 'description' && typeof value === 'string' ? this.words(value) : value;
    return JSON.parse(JSON.stringify(value), reviver) as T;
  }

  #result(result: ToolResult): ToolResult {
    const content = result.content.map((block) =>
      block.type === 'text' ? { ...block, text: this.words(block.text) } : block,
    );
    return { ...result, content };
  }

  #renamed(error: unknown): unknown {
    if (!(error instanceof ChatError)) return error;
    const { code, message, hint, retryable, details } = error;
    return new ChatError(code, message, this.words(hint), retryable, details);
  }
}
