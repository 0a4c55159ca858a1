/** Somebody with something to write. */
export interface Writer {
  /** Writes all of it. Never throws. */
  flush(): void;
}

let waiting: Writer[] = [];

/**
 * Has it write when the event loop has read all that has come for now. A machine that wakes up another process at each
 * write spends a tenth more on every message than one that does so for many of them.
 */
export function writeSoon(writer: Writer): void {
  if (waiting.push(writer) === 1) setImmediate(flush);
}

function flush(): void {
  const writers = waiting;
  waiting = [];
  for (const writer of writers) writer.flush();
}
