import { App, type McpUiDisplayMode, type McpUiHostContext } from '@modelcontextprotocol/ext-apps';
import { type ChatClient, createChatClient, HostConnection, type ServerSettings } from '../../../src/client/index.js';
import { applyHostLook } from './host-look.js';
import { whereWeStand } from './where-we-stand.js';

/** How long a host may take to shake hands, in milliseconds. */
const CONNECTED_WITHIN_MS = 15_000;
/** How long after that it may take to say which call of the assistant the window belongs to, in milliseconds. */
const TOLD_WITHIN_MS = 3_000;

/** What the window knows of the call that opened it. */
export type Opening =
  /** Connecting to the host, or waiting for what the assistant's call brings. */
  | { readonly state: 'connecting' | 'calling' | 'done' }
  /** Nothing is known of any call, as after a reload in hosts that do not tell again. */
  | { readonly state: 'unknown' }
  /** The call, or the connection to the host, came to nothing; `why` is empty when nobody says. */
  | { readonly state: 'cancelled' | 'failed' | 'alone'; readonly why: string };

export interface HostState {
  readonly opening: Opening;
  readonly displayMode: McpUiDisplayMode;
  /** What the window could become, besides what it is. */
  readonly otherMode: McpUiDisplayMode | undefined;
  /** Whether the assistant can be told where things stand. */
  readonly canTell: boolean;
}

type ToolResult = Parameters<NonNullable<App['ontoolresult']>>[0];

/** The window's life in its host: who the participant is, how it is shown, and when it ends. */
export class HostSession {
  readonly client: ChatClient;
  #state: HostState = { opening: { state: 'connecting' }, displayMode: 'inline', otherMode: undefined, canTell: false };
  readonly #listeners = new Set<() => void>();
  readonly #app: App;
  readonly #settings: ServerSettings;
  #started: Promise<void> | undefined;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    const capabilities = { availableDisplayModes: MODES };
    this.#app = new App({ name: 'parley-chat', title: 'Parley', version: '1' }, capabilities, { autoResize: true });
    this.client = createChatClient({
      connection: new HostConnection({ app: this.#app, settings, visibility: document }),
    });
  }

  get state(): HostState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Never rejects: what goes wrong is in `state`. */
  async start(): Promise<void> {
    const app = this.#app;
    app.ontoolinput = () => this.#open({ state: 'calling' });
    app.ontoolresult = (result) => void this.#take(result);
    app.ontoolcancelled = ({ reason = '' }) => this.#open({ state: 'cancelled', why: reason });
    app.onhostcontextchanged = () => this.#look();
    app.onteardown = async () => {
      await this.client.stop();
      return {};
    };
    if (window.parent === window) return this.#open({ state: 'alone', why: '' });
    try {
      await app.connect(undefined, { timeout: CONNECTED_WITHIN_MS });
    } catch (error) {
      return this.#open({ state: 'alone', why: (error as Error).message });
    }
    this.#set({ canTell: app.getHostCapabilities()?.updateModelContext !== undefined });
    this.#look();
    this.#started = this.client.start();
    // Whoever is somebody here needs no word on the assistant's call any more.
    this.client.subscribe(() => {
      if (this.client.state.me && this.#state.opening.state !== 'done') this.#open({ state: 'done' });
    });
    setTimeout(() => {
      if (this.#state.opening.state === 'connecting') this.#open({ state: 'unknown' });
    }, TOLD_WITHIN_MS);
  }

  /** Asks the host for the other way to show the window; the host decides. */
  async changeMode(): Promise<void> {
    const { otherMode } = this.#state;
    if (otherMode) this.#look({ displayMode: (await this.#app.requestDisplayMode({ mode: otherMode })).mode });
  }

  /** Tells the assistant where the conversations stand, not what is said in them. Whether the host took it. */
  async tellAssistant(): Promise<boolean> {
    const text = whereWeStand(this.client.state, this.#settings.tool_prefix ?? '');
    const told = this.#app.updateModelContext({ content: [{ type: 'text', text }] });
    return told.then(
      () => true,
      () => false,
    );
  }

  async #take({ isError, structuredContent, content }: ToolResult): Promise<void> {
    if (isError) {
      const said = content.find((block) => block.type === 'text');
      return this.#open({ state: 'failed', why: said?.text ?? '' });
    }
    const { user_id, participant_token: token = '' } = (structuredContent ?? {}) as Readonly<Record<string, unknown>>;
    if (user_id === undefined || typeof token !== 'string') return this.#open({ state: 'unknown' });
    await this.#started;
    await this.client.adopt(token);
    this.#open({ state: 'done' });
  }

  #look(changed: McpUiHostContext = {}): void {
    const context = { ...this.#app.getHostContext(), ...changed };
    applyHostLook(context);
    const { displayMode = 'inline', availableDisplayModes = [] } = context;
    const otherMode = MODES.find((mode) => mode !== displayMode && availableDisplayModes.includes(mode));
    this.#set({ displayMode, otherMode });
  }

  #open(opening: Opening): void {
    this.#set({ opening });
  }

  #set(change: Partial<HostState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

const MODES: McpUiDisplayMode[] = ['inline', 'fullscreen'];
