import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ConfigurationError, type StrategySetting } from '../../config/index.js';
import { called } from '../loading/strategy-options.js';
import type { OptionalMethods, ThreadData, ThreadReply, ThreadRequest, ThreadStarted } from './thread-messages.js';

/** How long a strategy may take to load, in milliseconds. */
const START_MS = 30_000;
/** How much memory a strategy may use, in mebibytes. */
const MEMORY_MB = 512;
/** Code without a file imports as if it were one in the working directory: what is named there is found from there. */
const BOOT = `import(require('node:worker_threads').workerData.entry).then(({ serve }) => serve((name) => import(name)))`;

interface Pending {
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A strategy in a thread of its own. It answers one request at a time; whatever goes wrong ends the thread. */
export class StrategyThread {
  #pending: Pending | undefined;
  #requests = 0;
  #over: Error | undefined;

  private constructor(
    private readonly worker: Worker,
    private readonly what: string,
  ) {
    worker.on('message', (message) => this.#pending?.resolve(message));
    worker.on('error', (error: unknown) => this.#end(`crashed: ${(error as Partial<Error> | undefined)?.message}`));
    worker.on('exit', () => this.#end('ended its thread'));
    // Only while somebody waits for an answer does it keep the process alive.
    worker.unref();
  }

  /** @throws ConfigurationError when what the setting names cannot be used */
  static async start(setting: StrategySetting): Promise<[StrategyThread, { name: string; methods: OptionalMethods }]> {
    const entry = createRequire(import.meta.url).resolve('#strategy-worker');
    const workerData: ThreadData = { entry: pathToFileURL(entry).href, setting };
    const what = called(setting);
    const resourceLimits = { maxOldGenerationSizeMb: MEMORY_MB };
    const thread = new StrategyThread(new Worker(BOOT, { eval: true, workerData, resourceLimits }), what);
    try {
      const started = (await thread.#wait(START_MS)) as ThreadStarted;
      if (started.refused !== undefined) throw new ConfigurationError(started.refused);
      return [thread, started];
    } catch (error) {
      void thread.close();
      throw error instanceof ConfigurationError ? error : new ConfigurationError((error as Error).message);
    }
  }

  /** Whether it can be asked. */
  get alive(): boolean {
    return this.#over === undefined;
  }

  /** @param limitMs how long the answer may take before the thread is ended, in milliseconds */
  async call(body: ThreadRequest, limitMs: number): Promise<unknown> {
    const request = ++this.#requests;
    const order = 'change' in body ? body.change.order : undefined;
    const answered = this.#wait(limitMs);
    try {
      this.worker.postMessage({ request, body }, order ? [order.buffer] : []);
    } catch (error) {
      this.#pending?.reject(error as Error);
    }
    const reply = (await answered) as Partial<ThreadReply> | null;
    if (reply?.request !== request) throw this.#end('answered what nobody asked');
    if (reply.error !== undefined) throw new Error(String(reply.error));
    return reply.answer;
  }

  async close(): Promise<void> {
    this.#end('was closed');
    await this.worker.terminate();
  }

  async #wait(limitMs: number): Promise<unknown> {
    if (this.#over) throw this.#over;
    const late = () => this.#end(`took more than ${limitMs} ms and was stopped`, timeout);
    // An answer that is there already counts, even when this thread was too busy to read it in time.
    const timer = setTimeout(() => setImmediate(() => this.#pending === pending && late()), limitMs);
    let pending: Pending | undefined;
    this.worker.ref();
    try {
      return await new Promise<unknown>((resolve, reject) => (this.#pending = pending = { resolve, reject }));
    } finally {
      this.#pending = undefined;
      clearTimeout(timer);
      this.worker.unref();
    }
  }

  #end(how: string, error = (message: string) => new Error(message)): Error {
    if (this.#over) return this.#over;
    this.#over = error(`${this.what} ${how}`);
    this.#pending?.reject(this.#over);
    // A thread that is in the middle of something foreign ends when it can; nobody waits for that.
    void this.worker.terminate();
    return this.#over;
  }
}

/** The error of whoever took too long. */
export const timeout = (message: string): Error => Object.assign(new Error(message), { name: 'TimeoutError' });
