/** What can be seen of one event stream from outside. */
export interface SeenStream {
  readonly method: string;
  /** `Content-Encoding`, when there is one. */
  readonly encoding: string | null;
  /** Comments, which servers send to keep a stream open. */
  comments: number;
  open: boolean;
}

/**
 * A `fetch` for the official client that watches the event streams passing through it, and can break those opened with
 * GET as a network does.
 */
export class StreamWatch {
  readonly streams: SeenStream[] = [];
  /** Each breaks one stream, and returns what closes its connection. */
  readonly #breakers = new Set<() => () => void>();
  #held: Promise<void> | undefined;

  readonly fetch: typeof fetch = async (input, init) => {
    const method = init?.method ?? 'GET';
    if (method === 'GET') await this.#held;
    const response = await fetch(input, init);
    const { body, headers } = response;
    if (!body || !headers.get('content-type')?.startsWith('text/event-stream')) return response;
    return new Response(this.#watched(body, method, headers.get('content-encoding')), response);
  };

  /**
   * Breaks the GET streams as a network does that fails without telling the service: what it still sends is lost. Streams
   * that shall replace them wait until the returned function is called.
   */
  cut(): () => void {
    let proceed: () => void = () => undefined;
    this.#held = new Promise((resolve) => (proceed = resolve));
    const closings = [...this.#breakers].map((cut) => cut());
    return () => {
      for (const close of closings) close();
      proceed();
    };
  }

  #watched(body: ReadableStream<Uint8Array>, method: string, encoding: string | null): ReadableStream<Uint8Array> {
    const seen: SeenStream = { method, encoding, comments: 0, open: true };
    this.streams.push(seen);
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let breaker: (() => () => void) | undefined;
    const over = () => {
      seen.open = false;
      if (breaker) this.#breakers.delete(breaker);
    };
    return new ReadableStream({
      start: (controller) => {
        if (method !== 'GET') return;
        breaker = () => {
          over();
          controller.error(new TypeError('cut'));
          return () => void reader.cancel().catch(() => undefined);
        };
        this.#breakers.add(breaker);
      },
      pull: async (controller) => {
        try {
          const { value, done } = await reader.read();
          if (!seen.open) return;
          if (done) {
            over();
            return controller.close();
          }
          seen.comments += decoder.decode(value, { stream: true }).match(/^:/gm)?.length ?? 0;
          controller.enqueue(value);
        } catch (error) {
          if (!seen.open) return;
          over();
          controller.error(error);
        }
      },
      cancel: (reason) => {
        over();
        return reader.cancel(reason);
      },
    });
  }
}
