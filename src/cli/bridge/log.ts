/** Writes one line for the person who runs the bridge; never a token, never a message. */
export type Log = (line: string) => void;

/** stdout belongs to the protocol. */
export const logToStderr: Log = (line) => {
  process.stderr.write(`parley bridge: ${line.replace(/\s+/g, ' ')}\n`);
};
