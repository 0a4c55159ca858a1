import { closeSync, fstatSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** How long a line waits for others to be written with, in milliseconds. */
const FLUSH_MS = 1_000;
/** How much may wait to be written, in bytes. */
const PENDING_MAX_BYTES = 8 * 1_048_576;

/** Lines at the end of a file, written in batches. The owner alone may read the file. */
export class TraceFile {
  #pending: string[] = [];
  #pendingBytes = 0;
  #bytes: number;
  #handle: FileHandle | undefined;
  #writing: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;

  /** @throws when the file cannot be written */
  constructor(
    private readonly file: string,
    private readonly onFailure: (error: unknown) => void,
  ) {
    const descriptor = openSync(file, 'a', 0o600);
    this.#bytes = fstatSync(descriptor).size;
    closeSync(descriptor);
    this.#timer = setInterval(() => this.flush(), FLUSH_MS).unref();
  }

  /** The size of the file once everything is written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether lines come faster than they can be written. */
  get congested(): boolean {
    return this.#pendingBytes > PENDING_MAX_BYTES;
  }

  append(line: string): void {
    const text = `${line}\n`;
    const bytes = Buffer.byteLength(text);
    this.#pending.push(text);
    this.#pendingBytes += bytes;
    this.#bytes += bytes;
  }

  /** Writes what is pending, if nothing is being written. Failures go to the owner. */
  flush(): void {
    if (this.#pending.length === 0 || this.#writing) return;
    this.#writing = this.#write()
      .catch(this.onFailure)
      .finally(() => (this.#writing = undefined));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    this.flush();
    await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #write(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#handle ??= await open(this.file, 'a', 0o600);
    await this.#handle.appendFile(text);
  }
}
