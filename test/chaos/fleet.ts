import { readdirSync, readFileSync } from 'node:fs';
import { ServiceProcess } from '../process/service.js';
import { freePort } from '../support/redis.js';

export type Settings = Readonly<Record<string, string>>;

/** One instance in a place that stays the same: ended and begun anew it is at the same address. */
export class Instance {
  #service: ServiceProcess | undefined;
  readonly #ended: ServiceProcess[] = [];

  constructor(
    readonly url: URL,
    private readonly settings: Settings,
  ) {}

  async start(): Promise<void> {
    this.#service = await ServiceProcess.start({ ...this.settings, PORT: this.url.port });
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    await this.#running.end();
    this.#retire();
  }

  /** Ends it as an operator does; its exit code. */
  async stop(): Promise<number | string> {
    const service = this.#running;
    service.kill('SIGTERM');
    const code = await service.exited;
    this.#retire();
    return code;
  }

  /** Stands still until `wake`. */
  freeze(): void {
    this.#running.kill('SIGSTOP');
  }

  wake(): void {
    this.#running.kill('SIGCONT');
  }

  async end(): Promise<void> {
    await this.#service?.end();
  }

  /** Lines that it and those before it in this place have logged. */
  get log() {
    return this.#all.flatMap((service) => service.log);
  }

  /** What it and those before it have said on standard error. */
  get complaints(): readonly string[] {
    return this.#all.flatMap((service) => service.complaints);
  }

  /** Open files, sockets included. */
  get handles(): number {
    return readdirSync(`/proc/${this.#running.child.pid}/fd`).length;
  }

  /** Resident memory, in MiB. */
  get memoryMib(): number {
    const status = readFileSync(`/proc/${this.#running.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
  }

  get #all(): readonly ServiceProcess[] {
    return this.#service ? [...this.#ended, this.#service] : this.#ended;
  }

  get #running(): ServiceProcess {
    if (!this.#service) throw new Error('there is no instance in this place');
    return this.#service;
  }

  #retire(): void {
    this.#ended.push(this.#service!);
    this.#service = undefined;
  }
}

/** Instances that share a state. */
export class Fleet {
  private constructor(readonly instances: readonly Instance[]) {}

  /** @param settings of each, by its number */
  static async start(size: number, settings: (i: number) => Settings): Promise<Fleet> {
    const instances: Instance[] = [];
    for (let i = 0; i < size; i++) {
      instances.push(new Instance(new URL(`http://127.0.0.1:${await freePort()}/mcp`), settings(i)));
    }
    const fleet = new Fleet(instances);
    try {
      await Promise.all(instances.map((instance) => instance.start()));
    } catch (error) {
      await fleet.end();
      throw error;
    }
    return fleet;
  }

  get urls(): readonly URL[] {
    return this.instances.map(({ url }) => url);
  }

  get log() {
    return this.instances.flatMap(({ log }) => log);
  }

  async end(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.end()));
  }
}
