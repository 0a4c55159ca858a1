import type { Identity } from '../ports/identity-verifier.js';
import type { HttpExchange } from './http-exchange.js';
import { isObject, notificationJson, type RequestId } from './json-rpc.js';
import { CLIENT_CAPABILITIES_META_KEY, STATELESS_REVISION } from './protocol.js';
import type { McpSession } from './session.js';

/** Everything a handler may know about the request it serves. */
export class CallContext {
  #stop: (() => void) | undefined;
  #cancelled = false;

  constructor(
    /** The JSON-RPC id. */
    readonly id: RequestId,
    readonly revision: string,
    readonly session: McpSession | undefined,
    readonly meta: Readonly<Record<string, unknown>>,
    readonly exchange: HttpExchange,
    /** Whether notifications may precede the answer; not inside a batch. */
    private readonly streamable = true,
  ) {}

  /** Who asks; null while nobody is asked who they are. */
  get principal(): string | null {
    return this.exchange.principal;
  }

  /** Whom the request's bearer token stands for, if there is one. */
  get identity(): Identity | null {
    return this.exchange.grant?.identity ?? null;
  }

  get stateless(): boolean {
    return this.revision === STATELESS_REVISION;
  }

  /** Whether the client declares an extension: with this request, or when it opened its session. */
  declares(extension: string): boolean {
    if (this.session) return this.session.extensions.has(extension);
    const capabilities = this.meta[CLIENT_CAPABILITIES_META_KEY];
    const extensions = isObject(capabilities) ? capabilities['extensions'] : undefined;
    return isObject(extensions) && isObject(extensions[extension]);
  }

  /** Whether the caller has cancelled the request or gone away. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /**
   * Calls back when the caller cancels or goes away: dropping the response in any revision, because its answer could
   * not be delivered any more, and `notifications/cancelled` within a session.
   */
  onCancel(stop: () => void): void {
    this.#stop = stop;
    this.session?.track(this);
    this.exchange.onClose((aborted) => {
      this.session?.forget(this);
      if (aborted) this.cancel();
    });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#stop?.();
  }

  answer(): void {
    this.#stop?.();
  }

  /** Sends a notification that belongs to this request, ahead of its answer. */
  notify(method: string, params: object): void {
    if (this.streamable && !this.#cancelled) this.exchange.frame(notificationJson(method, params));
  }

  /** The token by which the caller asked to hear of progress, if it did. */
  get progressToken(): RequestId | undefined {
    const token = this.meta['progressToken'];
    return this.streamable && (typeof token === 'string' || typeof token === 'number') ? token : undefined;
  }
}
