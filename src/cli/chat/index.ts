import { type ChatClient, createChatClient, HttpConnection } from '../../client/index.js';
import { cliEnvironment, forgetCi } from '../environment.js';
import { UsageError } from '../usage-error.js';
import { CHAT_USAGE, type ChatRequest, parseChatArguments } from './arguments.js';
import { pipeChat } from './pipe/index.js';

/** `parley chat`. Resolves with the exit code: 0 done, 1 could not connect or lost, 2 wrong usage, 130 interrupted. */
export async function chat(args: readonly string[]): Promise<number> {
  let request: ChatRequest | 'help';
  try {
    request = parseChatArguments(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`parley chat: ${error.message}\nSee parley chat --help`);
    return 2;
  }
  if (request === 'help') {
    console.log(CHAT_USAGE);
    return 0;
  }
  const { url } = request;
  const { bearerToken, colour = true, cursor } = cliEnvironment();
  const connection = new HttpConnection({ url, ...(bearerToken !== undefined && { bearerToken }) });
  const client = createChatClient({ connection });
  const atTerminal = process.stdin.isTTY && process.stdout.isTTY && cursor && !request.json;
  return atTerminal ? atATerminal(client, { ...request, colour: request.colour && colour }) : pipeChat(client, request);
}

async function atATerminal(client: ChatClient, request: ChatRequest): Promise<number> {
  forgetCi();
  try {
    const { terminalChat } = await import('./terminal/index.js');
    await terminalChat(client, request);
    return 0;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !/'(ink|react)/.test(message)) throw error;
    console.error('parley chat at a terminal needs two packages that are not here: npm install ink react');
    return 1;
  }
}
