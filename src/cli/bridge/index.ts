import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { cliEnvironment } from '../environment.js';
import { UsageError } from '../usage-error.js';
import { BRIDGE_USAGE, type BridgeRequest, parseBridgeArguments } from './arguments.js';
import { Channel } from './channel.js';
import { sayFarewell } from './farewell.js';
import { Link } from './link.js';
import { logToStderr as log } from './log.js';
import { HeldParticipant } from './participant.js';
import { Relay } from './relay.js';
import { Upstream } from './upstream.js';

/** Hosts give up on a server that does not answer their first request; the service has this long to say what it is. */
const READY_WITHIN_MS = 3_000;

/** `parley bridge`. Resolves with the exit code: 0 ended by the host, 2 wrong usage. */
export async function bridge(args: readonly string[]): Promise<number> {
  try {
    const request = parseBridgeArguments(args);
    if (request === 'help') console.log(BRIDGE_USAGE);
    else await serve(request);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`parley bridge: ${error.message}\nSee parley bridge --help`);
    return 2;
  }
}

/** Serves the host on stdin and stdout until it ends. */
async function serve({ url, channel: pushing }: BridgeRequest): Promise<void> {
  const { bearerToken } = cliEnvironment();
  const upstream = new Upstream(url, bearerToken);
  let relay: Relay | undefined;
  const link = new Link(upstream, log, () => void relay?.listsChanged().catch(() => undefined));
  const channel = new Channel({
    url,
    ...(bearerToken !== undefined && { bearerToken }),
    log,
    say: async ({ content, meta }) => {
      await relay?.server
        .notification({ method: 'notifications/claude/channel', params: { content, meta } })
        .catch(() => undefined);
    },
    unknown: (token) => participant.forget(token),
  });
  const participant = new HeldParticipant(
    ({ token, cursor }) => {
      if (pushing && cursor !== undefined) channel.follow({ participantToken: token, cursor });
    },
    () => {
      log('the service does not know the participant any more');
      if (pushing) channel.forgotten();
    },
  );

  const ended = untilEnded();
  const opened = link.open(READY_WITHIN_MS);
  const host = serveStdio(
    async ({ era }) => {
      await opened;
      relay = new Relay(era, link, participant, pushing);
      return relay.server;
    },
    {
      transport: new StdioServerTransport(),
      onerror: ({ name }) => log(`a message of the host could not be handled (${name})`),
    },
  );
  await ended;
  await host.close();
  channel.stop();
  await sayFarewell(link, participant.current);
  link.close();
  await upstream.close();
}

/** Until the host closes stdin, goes away, or sends a signal. */
function untilEnded(): Promise<void> {
  return new Promise((resolve) => {
    const end = () => resolve();
    process.stdin.once('end', end).once('close', end);
    process.stdout.once('error', end);
    process.once('SIGTERM', end).once('SIGINT', end);
  });
}
