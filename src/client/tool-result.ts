import { type Facts, ToolFailure } from './connection.js';

/** A tool's result as every way to the server brings it. */
export interface ToolResult {
  readonly structuredContent?: unknown;
  readonly content?: readonly object[];
  readonly isError?: boolean;
}

/** What the tool answered. @throws ToolFailure */
export function factsOf({ structuredContent, content = [], isError }: ToolResult): Facts {
  const facts = (structuredContent ?? {}) as Facts;
  if (!isError) return facts;
  const { error, code, hint, retryable, retry_after_seconds } = facts as Partial<Failure>;
  const [said] = content as readonly { readonly text?: string }[];
  throw new ToolFailure(
    error ?? said?.text ?? 'The call failed',
    code ?? 'internal',
    hint ?? '',
    retryable === true,
    retry_after_seconds,
  );
}

/** The structured content of a tool's result that is an error. */
interface Failure {
  readonly error: string;
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly retry_after_seconds: number;
}
