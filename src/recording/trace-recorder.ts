import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Subject } from 'rxjs';
import { ConfigurationError, ParleyConfig } from '../config/index.js';
import type { Ticket } from '../domain/ticket.js';
import { subscribeSafely } from '../notifications/index.js';
import { QueueService } from '../queue/index.js';
import { formatArrival, TRACE_HEADER } from '../traces/index.js';
import { TraceFile } from './trace-file.js';
import { withoutPersonalData } from './without-personal-data.js';

/** How large a trace file may become, in bytes: about two million arrivals. */
const MAX_BYTES = 512 * 1_048_576;

/** Writes down who arrives when, without personal data, for `parley simulate`; only when a trace file is configured. */
@Injectable()
export class TraceRecorder implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Recording');
  readonly #destroyed = new Subject<void>();
  #attributes: ReadonlySet<string> = new Set();
  #file: TraceFile | undefined;
  #count = 0;
  #start: number | undefined;
  #last = 0;

  constructor(
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    private readonly queue: QueueService,
  ) {}

  /** @throws ConfigurationError when the trace file cannot be written */
  onModuleInit(): void {
    if (this.config.trace) this.#open(this.config.trace);
  }

  async onModuleDestroy(): Promise<void> {
    // The last arrivals are still on their way here.
    await new Promise((resolve) => setImmediate(resolve));
    this.#destroyed.next();
    await this.#file?.close();
  }

  #open({ file, attributes }: NonNullable<ParleyConfig['trace']>): void {
    try {
      this.#file = new TraceFile(file, (error) => this.#stop((error as NodeJS.ErrnoException).code ?? 'failed'));
    } catch (error) {
      throw new ConfigurationError(`TRACE_FILE cannot be written: ${(error as NodeJS.ErrnoException).code}`);
    }
    this.#attributes = new Set(attributes);
    // What a crash may have left of a line ends here.
    if (this.#file.bytes > 0) this.#file.append('');
    this.#file.append(JSON.stringify(TRACE_HEADER));
    subscribeSafely(this.queue.arrivals, this.#destroyed, this.#logger, ({ at, ticket }) => this.#record(at, ticket));
  }

  #record(at: number, ticket: Ticket): void {
    if (!this.#file) return;
    if (this.#file.bytes >= MAX_BYTES) return this.#stop('the file is full');
    if (this.#file.congested) return this.#stop('the file is too slow');
    this.#count++;
    this.#start ??= at;
    this.#last = Math.max(this.#last, at - this.#start);
    this.#file.append(formatArrival(withoutPersonalData(ticket, this.#last, this.#attributes)));
  }

  #stop(why: string): void {
    const file = this.#file;
    if (!file) return;
    this.#file = undefined;
    this.#destroyed.next();
    this.#logger.warn({ msg: 'recording of arrivals ended', why, arrivals: this.#count });
    file.close().catch((error: unknown) => this.#logger.warn({ msg: 'trace not closed', error: String(error) }));
  }
}
