import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { MCP_PATH, ParleyConfig } from '../config/index.js';
import { isUnavailable } from '../domain/errors.js';
import { Clock } from '../ports/clock.js';
import { Ids } from '../ports/ids.js';
import { type InstanceRecord, InstanceRegistry, type InstanceStage } from '../ports/instance-registry.js';
import { RequestForwarder } from './request-forwarder.js';

/** How often an instance says that it is there, and for how long it is believed, in milliseconds. */
const HEARTBEAT_MS = 5_000;
const TTL_MS = 15_000;
/** For how long an address is remembered, and that nobody answers there, in milliseconds. */
const REMEMBER_MS = 2_000;
const REMEMBERED = 1_000;
/** How much longer than a wait or a pause between two keep-alives another instance may be silent, in milliseconds. */
const SILENCE_MS = 15_000;
/** Bytes of randomness in the name of an instance. */
const ID_BYTES = 9;
/** Says which instance has passed a request on. */
const FORWARDED_BY = 'X-Parley-Forwarded-By';

const INSTANCE_ID = /^[\w-]{1,64}$/;

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/**
 * What became of a request for another instance. `unknown`: there is no such instance, and the request has not
 * been touched. `unanswered`: it may have been carried out. `too_many`: so many are passed on already.
 */
export type Passed = 'answered' | 'unknown' | 'unanswered' | 'too_many';

interface Known {
  /** Undefined when nobody takes requests there. */
  readonly origin: URL | undefined;
  /** Milliseconds of the process's own clock. */
  readonly until: number;
}

/** This instance among those that share its state: its name, its way to the others, and its going. */
@Injectable()
export class InstancesService implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  /** Unique to this run of the process; part of the id of every session that is opened here. */
  readonly id: string;
  readonly #logger = new Logger('Instances');
  readonly #forwarder: RequestForwarder;
  readonly #known = new Map<string, Known>();
  readonly #startedAt: number;
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;
  #drained = false;
  #closed = false;

  constructor(
    @Inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    @Inject(Ids) ids: Ids,
    @Inject(Clock) clock: Clock,
  ) {
    // On a command line it must not look like a flag.
    this.id = ids.secret(ID_BYTES).replace(/^-/, '_');
    this.#startedAt = clock.now();
    const { waitMaxSeconds, streamKeepaliveMs } = config;
    this.#forwarder = new RequestForwarder(Math.max(waitMaxSeconds * 1000, streamKeepaliveMs) + SILENCE_MS);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.shared) return;
    await this.registry.announce(this.record, TTL_MS);
    this.#timer = setInterval(() => void this.#announce(), HEARTBEAT_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#forwarder.finish();
    if (!this.config.shared) return;
    try {
      await this.registry.withdraw(this.id);
    } catch (error) {
      // What is not renewed ends by itself.
      this.#complain(error);
    }
  }

  onApplicationShutdown(): void {
    this.#forwarder.close();
  }

  /** Whether this instance is about to go: it goes on with what it has, and opens nothing that would live here. */
  get draining(): boolean {
    return this.#draining !== undefined;
  }

  get stage(): InstanceStage {
    if (this.#drained) return 'drained';
    return this.draining ? 'draining' : 'serving';
  }

  /** What this instance says of itself. */
  get record(): InstanceRecord {
    const { id, stage } = this;
    return { id, url: this.config.instanceUrl, stage, version, startedAt: this.#startedAt };
  }

  /** The instances that share the state, this one first, then by age. */
  async list(): Promise<readonly InstanceRecord[]> {
    const others = (await this.registry.list()).filter(({ id }) => id !== this.id);
    return [this.record, ...others.sort((a, b) => a.startedAt - b.startedAt)];
  }

  /** Requests that are being passed on to other instances. */
  get forwards(): number {
    return this.#forwarder.underWay;
  }

  /**
   * Lets balancers and clients notice that this instance is going; settles when it is time to close. Nobody notices
   * where there is no other instance, unless the draining has been begun already.
   */
  async drain(): Promise<void> {
    if (this.config.drainMs > 0 || this.draining) await this.beginDraining();
  }

  /** From now on nothing is opened that would live here; settles when everybody has had time to notice. */
  async beginDraining(): Promise<void> {
    if (!this.#draining) {
      this.#draining = sleep(this.config.drainMs, undefined, { ref: false });
      await this.#announce();
    }
    await this.#draining;
  }

  /** Brings to an end what lasts of the requests that are passed on: clients come back elsewhere. */
  endForwards(): void {
    this.#forwarder.finish();
  }

  /** It serves nobody any more. */
  async markDrained(): Promise<void> {
    this.#drained = true;
    await this.#announce();
  }

  /** The id of a session that is opened here. @param secret what nobody can guess of it */
  sessionId(secret: string): string {
    return `${this.id}.${secret}`;
  }

  /** The name of the other instance that a session id speaks of, if it does and others may be asked. */
  ownerElsewhere(sessionId: string): string | undefined {
    if (this.config.instanceUrl === null || sessionId.startsWith(`${this.id}.`)) return undefined;
    const owner = sessionId.slice(0, Math.max(0, sessionId.indexOf('.')));
    return INSTANCE_ID.test(owner) ? owner : undefined;
  }

  /** Whether a request has come through another instance. */
  passedOn({ headers }: IncomingMessage): boolean {
    return headers[FORWARDED_BY.toLowerCase()] !== undefined;
  }

  /**
   * Passes a request on to the instance that it is for, which checks everything itself. A request that was passed on
   * before goes no further. @param path where it is served there, below the path of this service
   */
  async pass(
    owner: string,
    request: IncomingMessage,
    response: ServerResponse,
    path: string = MCP_PATH,
  ): Promise<Passed> {
    if (this.passedOn(request)) return 'unknown';
    const origin = await this.#originOf(owner);
    if (!origin) return 'unknown';
    const { forwardsMax, path: prefix } = this.config;
    if (forwardsMax > 0 && this.#forwarder.underWay >= forwardsMax) return 'too_many';
    const destination = { origin, path: prefix + path, forwardedBy: [FORWARDED_BY, this.id] } as const;
    const forwarded = await this.#forwarder.forward(destination, request, response);
    if (forwarded.outcome === 'answered') return 'answered';
    const { outcome, reason } = forwarded;
    if (outcome === 'unreachable') this.#remember(owner, undefined);
    this.#logger.warn({ msg: `another instance is ${outcome}`, instance: owner, url: origin.origin, reason });
    return outcome === 'unreachable' ? 'unknown' : 'unanswered';
  }

  async #originOf(owner: string): Promise<URL | undefined> {
    const known = this.#known.get(owner);
    if (known && known.until > performance.now()) return known.origin;
    const url = await this.registry.find(owner);
    if (url === undefined || !URL.canParse(url)) return undefined;
    return this.#remember(owner, new URL(url));
  }

  #remember(owner: string, origin: URL | undefined): URL | undefined {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(owner, { origin, until: performance.now() + REMEMBER_MS });
    return origin;
  }

  async #announce(): Promise<void> {
    if (!this.config.shared || this.#closed) return;
    try {
      await this.registry.announce(this.record, TTL_MS);
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Of a state that is away its adapter tells. */
  #complain(error: unknown): void {
    if (!isUnavailable(error)) this.#logger.error({ msg: 'the registry of instances fails', error: String(error) });
  }
}
