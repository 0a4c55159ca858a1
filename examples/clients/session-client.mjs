import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/**
 * A participant on the SDK's 1.x line (revision 2025-11-25). Events arrive on the session's GET stream without asking;
 * when that breaks, the SDK reconnects with `Last-Event-ID` and the server goes on from there.
 */
export class SessionClient {
  #client = new Client({ name: 'parley-example', version: '1.0.0' });

  /** @param {(name: string, data: object, eventId: string) => void} onEvent */
  constructor(url, onEvent) {
    this.transport = new StreamableHTTPClientTransport(new URL(url));
    this.#client.fallbackNotificationHandler = async ({ method, params }) => {
      const event = params?._meta?.['io.github.mcp-parley/event'];
      if (event) onEvent(method, params, event.event_id);
    };
  }

  async connect() {
    await this.#client.connect(this.transport);
  }

  /** Calls a tool and returns its structured result. The session remembers who we are: no token needed. */
  async call(name, args = {}) {
    const { isError, structuredContent } = await this.#client.callTool({ name, arguments: args });
    if (isError) throw new Error(`${structuredContent.error}. ${structuredContent.hint}`);
    return structuredContent;
  }

  async close() {
    await this.transport.terminateSession();
    await this.#client.close();
  }
}
