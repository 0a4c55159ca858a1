import { createInterface, type Interface } from 'node:readline';
import type { ChatClient } from '../../../client/index.js';
import type { ChatRequest } from '../arguments.js';
import { JsonOutput, TextOutput } from './output.js';
import { PipeChat } from './pipe-chat.js';

const EXIT_CODES = { done: 0, lost: 1, interrupted: 130 } as const;

/** A conversation through pipes. Resolves with the exit code. */
export async function pipeChat(client: ChatClient, request: ChatRequest): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const streams = {
    out: (line: string) => void stdout.write(`${line}\n`),
    err: (line: string) => void stderr.write(`${line}\n`),
  };
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  // Whoever reads the output may have had enough, as `head` has.
  stdout.on('error', interrupt);
  let lines: Interface | undefined;
  // Read only when asked for: until a partner is there, what is piped in waits in its pipe.
  const input = (async function* () {
    lines = createInterface({ input: stdin, crlfDelay: Infinity });
    yield* lines;
  })();
  try {
    const output = request.json ? new JsonOutput(streams) : new TextOutput(streams);
    const how = await new PipeChat({ ...request, client, output, input, interrupted: interrupted.signal }).run();
    return EXIT_CODES[how];
  } finally {
    lines?.close();
    stdin.destroy();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
