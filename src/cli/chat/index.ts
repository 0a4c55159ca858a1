import { UsageError } from '../usage-error.js';
import { CHAT_USAGE, parseChatArguments } from './arguments.js';

/** `parley chat`. Resolves with the exit code: 0 done, 1 could not connect or lost, 2 wrong usage, 130 interrupted. */
export async function chat(args: readonly string[]): Promise<number> {
  try {
    const request = parseChatArguments(args);
    if (request === 'help') {
      console.log(CHAT_USAGE);
      return 0;
    }
    console.error('parley chat is being built');
    return 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`parley chat: ${error.message}\nSee parley chat --help`);
    return 2;
  }
}
