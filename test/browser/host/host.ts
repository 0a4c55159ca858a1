import { type CallToolResult, Client, StreamableHTTPClientTransport, type Tool } from '@modelcontextprotocol/client';
import {
  AppBridge,
  getToolUiResourceUri,
  type McpUiHostContext,
  PostMessageTransport,
  RESOURCE_MIME_TYPE,
} from '@modelcontextprotocol/ext-apps/app-bridge';

const INFO = { name: 'minimal-host', version: '1' };
/** The other origin that the sandbox proxy lives on: the same server under its other name. */
const SANDBOX = new URL('/sandbox.html', location.href.replace('127.0.0.1', 'localhost'));

interface Shown {
  readonly bridge: AppBridge;
  readonly frame: HTMLIFrameElement;
}

/** What a window is told of the call that opened it. */
export type Telling = 'result' | 'input only' | 'cancelled' | 'nothing';

/** A minimal MCP host: a client that a model would drive, and windows for tools that have one. Driven by a test. */
class Host {
  /** What the model has seen: what it called and what it was answered, as JSON. */
  readonly transcript: string[] = [];
  /** What windows gave the model for later. */
  readonly modelContext: string[] = [];
  /** The names of the tools that windows called. */
  readonly windowCalls: string[] = [];
  context: McpUiHostContext = {
    theme: 'light',
    displayMode: 'inline',
    availableDisplayModes: ['inline', 'fullscreen'],
    containerDimensions: { width: 640, maxHeight: 520 },
    styles: {
      variables: { '--font-sans': '"Host Sans", sans-serif' } as NonNullable<McpUiHostContext['styles']>['variables'],
    },
  };
  #client!: Client;
  #tools = new Map<string, Tool>();
  readonly #shown: Shown[] = [];

  async connect(url: string, mode: 'legacy' | { readonly pin: string }): Promise<void> {
    this.#client = new Client(INFO, {
      capabilities: { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: [RESOURCE_MIME_TYPE] } } },
      versionNegotiation: { mode },
    });
    await this.#client.connect(new StreamableHTTPClientTransport(new URL(url)));
    for (const tool of (await this.#client.listTools()).tools) this.#tools.set(tool.name, tool);
  }

  /** What the model does: it calls a tool, and a window opens if the tool has one. Returns the structured content. */
  async call(name: string, args: Record<string, unknown>, telling: Telling = 'result'): Promise<unknown> {
    const result = await this.#client.callTool({ name, arguments: args });
    this.transcript.push(JSON.stringify({ name, args, result }));
    const turn = document.createElement('p');
    turn.className = 'turn';
    turn.textContent = `The assistant called ${name}.`;
    document.querySelector('#conversation')!.append(turn);
    const uri = getToolUiResourceUri(this.#tools.get(name)!);
    if (uri !== undefined) await this.#show(uri, args, result, telling);
    return result.structuredContent;
  }

  async setTheme(theme: 'light' | 'dark'): Promise<void> {
    this.context = { ...this.context, theme };
    document.documentElement.dataset['theme'] = theme;
    for (const { bridge } of this.#shown) bridge.setHostContext(this.context);
  }

  async tearDown(): Promise<void> {
    for (const { bridge, frame } of this.#shown.splice(0)) {
      await bridge.teardownResource({});
      frame.remove();
    }
  }

  async #show(uri: string, args: Record<string, unknown>, result: CallToolResult, telling: Telling): Promise<void> {
    const { contents } = await this.#client.readResource({ uri });
    const { text: html, _meta } = contents[0] as { text: string; _meta?: { ui?: { csp?: object } } };
    const frame = document.createElement('iframe');
    frame.className = 'window';
    frame.title = 'Chat';
    document.querySelector('#conversation')!.append(frame);

    const bridge = new AppBridge(
      this.#client,
      INFO,
      { serverTools: {}, updateModelContext: { text: {} } },
      { hostContext: this.context },
    );
    bridge.onsizechange = ({ height }) => {
      if (height !== undefined) frame.style.height = `${height}px`;
    };
    bridge.onupdatemodelcontext = async ({ content }) => {
      this.modelContext.push(JSON.stringify(content));
      return {};
    };
    bridge.onrequestdisplaymode = async ({ mode }) => {
      this.context = { ...this.context, displayMode: mode };
      return { mode };
    };
    const initialized = new Promise<void>((resolve) => (bridge.oninitialized = () => resolve()));
    const ready = new Promise<void>((resolve) => (bridge.onsandboxready = () => resolve()));
    await bridge.connect(new PostMessageTransport(frame.contentWindow!, frame.contentWindow!));
    frame.src = SANDBOX.href;
    await ready;
    await bridge.sendSandboxResourceReady({ html, csp: _meta?.ui?.csp });
    await initialized;
    this.#shown.push({ bridge, frame });
    if (telling === 'nothing') return;
    await bridge.sendToolInput({ arguments: args });
    if (telling === 'cancelled') await bridge.sendToolCancelled({ reason: 'user action' });
    if (telling === 'result') await bridge.sendToolResult(result);
  }
}

const host = new Host();
addEventListener('message', ({ data }: MessageEvent<{ method?: string; params?: { name: string } }>) => {
  if (data.method === 'tools/call') host.windowCalls.push(data.params!.name);
});
Object.assign(globalThis, { host });
