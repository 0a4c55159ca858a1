import type { ChatSettings, McpResource } from '../mcp-transport/index.js';

/** MCP Apps, 2026-01-26. */
export const APPS_EXTENSION = 'io.modelcontextprotocol/ui';
export const APP_MIME_TYPE = 'text/html;profile=mcp-app';
export const APP_URI = 'ui://parley/chat';

/** Which tools open the window. Hosts in the field read the flat key, the specification has the other. */
export const OPENS_APP = { ui: { resourceUri: APP_URI }, 'ui/resourceUri': APP_URI };

/** Everything is in the one file, so it loads nothing; the edge is the host's, in keeping with what is around it. */
const UI = {
  csp: { connectDomains: [], resourceDomains: [], frameDomains: [], baseUriDomains: [] },
  prefersBorder: true,
};

/** `ui://parley/chat`: the chat as a window in an MCP host. */
export class ChatAppResource implements McpResource {
  readonly resource = {
    uri: APP_URI,
    name: 'chat',
    title: 'Parley chat',
    description:
      'The chat as a window, for hosts with MCP Apps: what people type in it goes straight to their partners.',
    mimeType: APP_MIME_TYPE,
    _meta: { ui: UI },
  };
  readonly constant = true;
  readonly #text: string;

  /**
   * @param html the built app
   * @param settings what it is told in its HTML, because hosts pass nothing else on that is there from the start
   */
  constructor(html: string, settings: ChatSettings) {
    const json = JSON.stringify(settings).replaceAll('<', '\\u003c');
    const end = html.lastIndexOf('</body>');
    this.#text = `${html.slice(0, end)}<script type="application/json" id="parley-settings">${json}</script>${html.slice(end)}`;
  }

  async read(uri: string) {
    if (uri !== APP_URI) return undefined;
    return [{ uri, mimeType: APP_MIME_TYPE, text: this.#text, _meta: { ui: UI } }];
  }
}
