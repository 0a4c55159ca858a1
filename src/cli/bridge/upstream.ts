import {
  type JSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { networkTrouble, statusTrouble, type Trouble, TroubleError } from '../trouble.js';

/** The revision spoken to the service, whatever the host speaks. */
export const REVISION = '2026-07-28';

export type Params = Readonly<Record<string, unknown>>;
export type Result = Record<string, unknown>;

/** A JSON-RPC error of the service, passed on as it is. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

export interface RequestOptions {
  /** Dropping the request cancels it. */
  readonly signal?: AbortSignal;
  /** Takes the progress that the service reports, with the token that the request holds in its `_meta`. */
  readonly onprogress?: (params: Params) => void;
}

interface Pending {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
  readonly progressToken: unknown;
  readonly onprogress: RequestOptions['onprogress'];
}

/**
 * Requests to the service, on the official client's transport. Below the client itself, so that what the service says
 * reaches the host unchecked and unchanged, and a connection that breaks before the answer is noticed.
 */
export class Upstream {
  readonly #transport: StreamableHTTPClientTransport;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;

  constructor(
    readonly url: URL,
    private readonly bearerToken?: string,
  ) {
    const headers = bearerToken === undefined ? undefined : { Authorization: `Bearer ${bearerToken}` };
    this.#transport = new StreamableHTTPClientTransport(url, { requestInit: { headers } });
    this.#transport.onmessage = (message) => this.#take(message);
    void this.#transport.start();
  }

  /**
   * The result of a request whose `_meta` names client and capabilities already.
   * @throws RpcError when the service answers with an error, TroubleError when it does not answer
   */
  async request(method: string, params: Params, { signal, onprogress }: RequestOptions = {}): Promise<Result> {
    const id = this.#nextId++;
    const meta: Params = { ...(params['_meta'] as Params | undefined), [PROTOCOL_VERSION_META_KEY]: REVISION };
    const message = { jsonrpc: '2.0' as const, id, method, params: { ...params, _meta: meta } };
    let onAbort: (() => void) | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, progressToken: meta['progressToken'], onprogress });
        onAbort = () => reject(new Error('The request was cancelled'));
        signal?.addEventListener('abort', onAbort);
        const onRequestStreamEnd = () => reject(new TroubleError(this.trouble(new Error('The stream ended'))));
        this.#transport
          .send(message as JSONRPCMessage, { requestSignal: signal, onRequestStreamEnd })
          .catch((error: Error) => reject(this.#translated(error)));
      });
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
      this.#pending.delete(id);
    }
  }

  /** What an error of the transport means. */
  trouble(error: Error): Trouble {
    const bearer = this.bearerToken !== undefined;
    if (error instanceof SdkHttpError) return statusTrouble(error.status, this.url, bearer, rpcErrorIn(error)?.message);
    return isUnintelligible(error) ? statusTrouble(200, this.url, bearer) : networkTrouble(error, this.url);
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #translated(error: Error): Error {
    const answer = rpcErrorIn(error);
    const refused = error instanceof SdkHttpError && [401, 403].includes(error.status);
    return answer && !refused ? answer : new TroubleError(this.trouble(error));
  }

  #take(message: JSONRPCMessage): void {
    if ('method' in message) {
      if (message.method !== 'notifications/progress') return;
      const params = (message.params ?? {}) as Params;
      for (const { progressToken, onprogress } of this.#pending.values()) {
        if (progressToken === params['progressToken']) onprogress?.(params);
      }
      return;
    }
    const pending = this.#pending.get(Number(message.id));
    if ('result' in message) pending?.resolve(message.result);
    else pending?.reject(new RpcError(message.error.code, message.error.message, message.error.data));
  }
}

/** Neither JSON nor a stream, or JSON that is no JSON-RPC. */
const isUnintelligible = (error: Error) =>
  (error instanceof SdkError && error.code === SdkErrorCode.ClientHttpUnexpectedContent) ||
  error instanceof SyntaxError ||
  error.name === 'ZodError';

/** The JSON-RPC error in the body of an HTTP error, if there is one. */
function rpcErrorIn(error: Error): RpcError | undefined {
  if (!(error instanceof SdkHttpError) || typeof error.data.text !== 'string') return undefined;
  try {
    const { error: answer } = JSON.parse(error.data.text) as {
      error?: { code?: unknown; message?: unknown; data?: unknown };
    };
    if (typeof answer?.code !== 'number' || typeof answer.message !== 'string') return undefined;
    return new RpcError(answer.code, answer.message, answer.data);
  } catch {
    return undefined;
  }
}
