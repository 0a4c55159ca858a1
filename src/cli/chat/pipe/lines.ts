import { createInterface } from 'node:readline';

/**
 * The lines of a stream, without their ends. Nothing is read before the first is asked for: what is piped in waits in its
 * pipe. `signal` ends them.
 */
export async function* linesOf(input: NodeJS.ReadableStream, signal?: AbortSignal): AsyncGenerator<string> {
  yield* createInterface({ input, crlfDelay: Infinity, ...(signal && { signal }) });
}
