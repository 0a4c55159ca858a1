import { request as sendRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type EgressSettings, ParleyConfig } from '../../config/index.js';
import { Clock } from '../../ports/clock.js';
import { type CallbackTarget, requireCallbackUrl } from './callback-url.js';
import { ConnectionPool, type PooledRequest } from './connection-pool.js';
import { Dialer } from './dialer.js';
import { codeOf, EgressError, EgressThrottled, endOf } from './egress-error.js';
import { HostResolver } from './host-resolver.js';
import { KeyedRate } from './keyed-rate.js';
import { OutboundNetwork } from './outbound-network.js';
import { readBody } from './response-body.js';
import { retryAfterMs } from './retry-after.js';

export interface EgressRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Until the head of the response is there, connecting included. */
  readonly timeoutMs: number;
}

export interface EgressResponse {
  /** Any status: redirects are not followed. */
  readonly status: number;
  /** What a `Retry-After` header asks for. */
  readonly retryAfterMs?: number;
  /** As much as arrived within the bounds on time and size. */
  readonly body: Buffer;
}

/** One host gets at most this part of the requests that may still be under way. */
const SHARE = 4;

/** An idle connection that the server closed just when it was to be used again. */
class Stale extends Error {}

/** The only way by which Parley sends requests to addresses that others chose. */
@Injectable()
export class Egress implements OnApplicationShutdown {
  readonly #settings: EgressSettings;
  readonly #dialer: Dialer;
  readonly #pool: ConnectionPool;
  readonly #rate: KeyedRate;
  #instances = 1;
  /** Requests under way by host. */
  readonly #underWay = new Map<string, number>();
  readonly #attempts = new Set<AbortController>();

  constructor(
    @Inject(ParleyConfig) { egress }: Pick<ParleyConfig, 'egress'>,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(HostResolver) resolver: HostResolver,
    @Inject(OutboundNetwork) network: OutboundNetwork,
  ) {
    this.#settings = egress;
    this.#rate = new KeyedRate(egress.hostRate);
    this.#dialer = new Dialer(egress, clock, resolver, network);
    this.#pool = new ConnectionPool(this.#dialer, egress.connections);
  }

  /** Keeps to a part of the bounds on one host, which are for all instances together. */
  shareAmong(instances: number): void {
    this.#instances = instances;
    const { burst, perMs } = this.#settings.hostRate;
    const rate = { burst: Math.ceil(burst / instances), perMs };
    this.#rate.change(rate);
    this.#dialer.rate.change(rate);
  }

  /** How many requests to one host may be under way here. */
  get hostConnections(): number {
    return Math.ceil(this.#settings.hostConnections / this.#instances);
  }

  /** What a callback URL must be to be accepted. @throws CallbackUrlError */
  requireCallbackUrl(url: string): void {
    requireCallbackUrl(url, this.#settings);
  }

  /**
   * Sends one POST and returns whatever the server answers.
   *
   * @throws EgressError when there is no answer
   * @throws EgressThrottled when nothing was sent, because the host is asked too often or too much is under way
   * @throws CallbackUrlError
   */
  async post(url: string, request: EgressRequest): Promise<EgressResponse> {
    const target = requireCallbackUrl(url, this.#settings);
    this.#enter(target.host);
    try {
      return await this.#attempt(target, request);
    } finally {
      this.#leave(target.host);
    }
  }

  /** Ends what is still under way, after those who asked for it had their time to wait for it. */
  onApplicationShutdown(): void {
    for (const attempt of this.#attempts) attempt.abort(new EgressThrottled(0));
    this.#pool.destroy();
  }

  #enter(host: string): void {
    const now = this.clock.now();
    const underWay = this.#underWay.get(host) ?? 0;
    if (underWay >= this.#share()) throw new EgressThrottled(this.#rate.postpone(host, now));
    const wait = this.#rate.take(host, now);
    if (wait > 0) throw new EgressThrottled(wait);
    this.#underWay.set(host, underWay + 1);
  }

  /**
   * How many requests to one host may be under way: a part of what is still free, so that hosts that stall, however
   * many, never take what a healthy one needs (dynamic thresholds: Choudhury and Hahne, 1998).
   */
  #share(): number {
    return Math.min(this.hostConnections, Math.ceil((this.#settings.connections - this.#attempts.size) / SHARE));
  }

  #leave(host: string): void {
    const left = this.#underWay.get(host)! - 1;
    if (left === 0) this.#underWay.delete(host);
    else this.#underWay.set(host, left);
  }

  async #attempt(target: CallbackTarget, request: EgressRequest): Promise<EgressResponse> {
    const attempt = new AbortController();
    this.#attempts.add(attempt);
    const timer = setTimeout(() => attempt.abort(), request.timeoutMs);
    try {
      const response = await this.#head(target, request, attempt.signal);
      clearTimeout(timer);
      return {
        status: response.statusCode!,
        retryAfterMs: retryAfterMs(response.headers['retry-after'], this.clock.now()),
        body: await readBody(response, this.#settings.responseMaxBytes, this.#settings.bodyTimeoutMs),
      };
    } finally {
      clearTimeout(timer);
      this.#attempts.delete(attempt);
    }
  }

  async #head(target: CallbackTarget, request: EgressRequest, cancelled: AbortSignal): Promise<IncomingMessage> {
    for (;;) {
      try {
        return await this.#send(target, request, cancelled);
      } catch (error) {
        // Nothing is known of the receiver yet; each connection that turns out to be stale is gone from the pool.
        if (!(error instanceof Stale)) throw error;
      }
    }
  }

  #send(target: CallbackTarget, { headers, body }: EgressRequest, cancelled: AbortSignal): Promise<IncomingMessage> {
    const options: PooledRequest = {
      target,
      cancelled,
      agent: this.#pool,
      method: 'POST',
      host: target.hostname,
      port: target.port,
      path: target.path,
      headers: { 'User-Agent': 'mcp-parley', ...headers, Host: target.host, 'Content-Length': Buffer.byteLength(body) },
    };
    return new Promise((resolve, reject) => {
      // The pool's connections have TLS already where the target asks for it.
      const request = sendRequest(options);
      const abandon = () => request.destroy(endOf(cancelled));
      cancelled.addEventListener('abort', abandon);
      let answered = false;
      request.once('response', (response) => {
        answered = true;
        resolve(response);
      });
      request.on('error', (error) => reject(cancelled.aborted ? endOf(cancelled) : failure(error, request)));
      request.once('close', () => {
        cancelled.removeEventListener('abort', abandon);
        // Closed without response or error, as on a response that switches protocols.
        if (!answered) reject(new EgressError('connection_refused'));
      });
      request.end(body);
    });
  }
}

function failure(error: Error, { reusedSocket }: ClientRequest): Error {
  if (error instanceof EgressError || error instanceof EgressThrottled) return error;
  const code = codeOf(error);
  if (reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')) return new Stale();
  if (code === 'ETIMEDOUT') return new EgressError('timeout');
  return new EgressError(/^ERR_(SSL|TLS)/.test(code) ? 'tls_error' : 'connection_refused', code);
}
