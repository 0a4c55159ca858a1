import type { ChatClient } from '../../../client/index.js';
import type { ChatRequest } from '../arguments.js';
import { linesOf } from './lines.js';
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
  const [interruption, over] = [new AbortController(), new AbortController()];
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  // Whoever reads the output may have had enough, as `head` has.
  stdout.on('error', interrupt);
  try {
    const output = request.json ? new JsonOutput(streams) : new TextOutput(streams);
    const input = linesOf(stdin, over.signal);
    const chat = new PipeChat({ ...request, client, output, input, interrupted: interruption.signal });
    return EXIT_CODES[await chat.run()];
  } finally {
    over.abort();
    stdin.destroy();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
