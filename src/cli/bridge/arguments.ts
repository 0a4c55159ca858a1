import { parseArgs } from 'node:util';
import { DEFAULT_ENDPOINT, endpoint } from '../endpoint.js';
import { UsageError } from '../usage-error.js';

export const BRIDGE_USAGE = `parley bridge [url]: an MCP server on stdin and stdout, for hosts that only start processes

  url          of the service; ${DEFAULT_ENDPOINT} by default, and /mcp may be left out
  --channel    tell what happens as Claude Code channel messages, without being asked
  --help

Tools, resources, prompts and completions of the service are passed on as they are. The bridge starts when the service
is not there yet, and keeps trying. It remembers the participant that enter_queue or join_room made, and leaves its
chats and queues when the host ends it. It logs to stderr.

PARLEY_BEARER_TOKEN is sent to services that want a bearer token.
Exit codes: 0 ended by the host, 2 wrong usage.`;

const FLAGS = {
  channel: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What `parley bridge` was asked for. */
export interface BridgeRequest {
  readonly url: URL;
  readonly channel: boolean;
}

/** @throws UsageError */
export function parseBridgeArguments(args: readonly string[]): BridgeRequest | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (positionals.length > 1) throw new UsageError(`one url is enough; ${JSON.stringify(positionals[1])} is too much`);
  return { url: endpoint(positionals[0]), channel: values.channel };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0]);
  }
}
