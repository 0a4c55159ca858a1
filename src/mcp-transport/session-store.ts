import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { Clock } from '../ports/clock.js';
import { InstancesService } from '../instances/index.js';
import { Ids } from '../ports/ids.js';
import { Code, RpcError } from './protocol.js';
import { McpSession } from './session.js';

/** How often idle sessions are looked for, in milliseconds. */
const SWEEP_MS = 30_000;

/** The sessions opened at this instance, bounded in number and in idle time. */
@Injectable()
export class SessionStore implements OnModuleInit, OnModuleDestroy {
  readonly #sessions = new Map<string, McpSession>();
  #timer: NodeJS.Timeout | undefined;
  #evicted = 0;

  constructor(
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    private readonly instances: InstancesService,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** How many sessions were closed to make room for others. */
  get evicted(): number {
    return this.#evicted;
  }

  /** @throws RpcError when there are too many, all in use */
  open(revision: string, principal: string | null, extensions?: ReadonlySet<string>): McpSession {
    const { sessionsMax } = this.config;
    if (sessionsMax > 0 && this.#sessions.size >= sessionsMax) this.#evictOldest(sessionsMax);
    const id = this.instances.sessionId(this.ids.secret(24));
    const session = new McpSession(id, revision, principal, this.clock.now(), extensions);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** A principal's session; nobody else's exists for it. Using a session keeps it. */
  get(id: string, principal: string | null): McpSession | undefined {
    const session = this.#sessions.get(id);
    if (session?.principal !== principal) return undefined;
    session.lastSeen = this.clock.now();
    return session;
  }

  close(session: McpSession): void {
    this.#sessions.delete(session.id);
    session.close();
  }

  /** Closes sessions that have had neither a call nor a stream for too long; runs by itself. */
  sweep(): void {
    const before = this.clock.now() - this.config.sessionIdleMs;
    for (const session of this.#sessions.values()) {
      if (!session.inUse && session.lastSeen < before) this.close(session);
    }
  }

  #evictOldest(limit: number): void {
    for (const session of this.#sessions.values()) {
      if (session.inUse) continue;
      this.#evicted++;
      return this.close(session);
    }
    throw new RpcError(Code.LimitReached, `Limit reached: ${limit} sessions`, { limit, retryable: true }, 503);
  }
}
