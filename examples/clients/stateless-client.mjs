import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/**
 * A participant on the SDK's 2.x line (revision 2026-07-28). There is no session: the participant token says who we
 * are, and a `subscriptions/listen` stream with Parley's filter carries our events from a cursor on. A stream that
 * breaks is for us to reopen, from the cursor of the last event we saw.
 */
export class StatelessClient {
  #client = new Client(
    { name: 'parley-example', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  #url;
  #token;
  #cursor;
  #subscription;
  #closed = false;

  /** @param {(name: string, data: object, eventId: string) => void} onEvent */
  constructor(url, onEvent) {
    this.#url = new URL(url);
    this.#client.fallbackNotificationHandler = async ({ method, params }) => {
      const event = params?._meta?.['io.github.mcp-parley/event'];
      if (!event) return;
      this.#cursor = event.cursor;
      onEvent(method, params, event.event_id);
    };
  }

  async connect() {
    await this.#client.connect(new StreamableHTTPClientTransport(this.#url));
  }

  /** Calls a tool as this participant and returns its structured result. The first result says who we are. */
  async call(name, args = {}) {
    const { isError, structuredContent } = await this.#client.callTool({
      name,
      arguments: { participant_token: this.#token, ...args },
    });
    if (isError) throw new Error(`${structuredContent.error}. ${structuredContent.hint}`);
    if (this.#token === undefined && structuredContent.participant_token !== undefined) {
      this.#token = structuredContent.participant_token;
      this.#cursor = structuredContent.cursor;
      await this.#listen();
    }
    return structuredContent;
  }

  async close() {
    this.#closed = true;
    await this.#subscription?.close();
    await this.#client.close();
  }

  async #listen() {
    const filter = { participant_token: this.#token, cursor: this.#cursor };
    this.#subscription = await this.#client.listen({ 'io.github.mcp-parley/chat': filter });
    this.#subscription.closed.then(() => this.#listenAgain());
  }

  async #listenAgain() {
    for (let pause = 200; !this.#closed; pause = Math.min(2 * pause, 5_000)) {
      await sleep(pause);
      try {
        return await this.#listen();
      } catch {
        // The service is not there yet.
      }
    }
  }
}
