import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

/** How the bridge calls itself where the service has not said what it is. */
export const BRIDGE_INFO = { name: 'parley', title: 'Parley', version } as const;

/** Writes one line for the person who runs the bridge; never a token, never a message. */
export type Log = (line: string) => void;

/** stdout belongs to the protocol. */
export const logToStderr: Log = (line) => {
  process.stderr.write(`parley bridge: ${line.replace(/\s+/g, ' ')}\n`);
};
