import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';
import {
  type JSONRPCRequest,
  ProtocolErrorCode,
  Server,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { ANOTHER_PARTICIPANT } from '../../client/index.js';
import { TroubleError } from '../trouble.js';
import { CHANNEL_CAPABILITY, CHANNEL_INSTRUCTIONS } from './channel.js';
import type { Link } from './link.js';
import { PRODUCT } from '../product.js';
import { type HeldParticipant, isUnknownParticipant } from './participant.js';
import { type Params, type RequestOptions, type Result, RpcError } from './upstream.js';

/** `_meta` key of a request that names the participant where there is no argument for it. */
const TOKEN_META_KEY = 'io.github.mcp-parley/participant_token';

/** What is passed on; everything else is between host and bridge. */
const PASSED = new Set([
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
]);

/** What is said to be there while the service has not said what it has. */
const USUAL: ServerCapabilities = { tools: {}, resources: {}, prompts: {}, completions: {} };

/** Extensions that are nothing but tools and resources, so they work through the bridge: MCP Apps. */
const PASSED_EXTENSION = 'io.modelcontextprotocol/ui';

const REMEMBERED = 'You need not pass participant_token: it is remembered for you.';

/** One host's connection: a server that passes on what the service says, in whichever era the host speaks. */
export class Relay {
  readonly server: Server;

  constructor(
    private readonly era: 'legacy' | 'modern',
    private readonly link: Link,
    private readonly participant: HeldParticipant,
    private readonly channel: boolean,
  ) {
    const { info = PRODUCT, instructions } = link.facts ?? {};
    this.server = new Server(info, {
      capabilities: this.#capabilities(),
      instructions: [instructions, REMEMBERED, ...(channel ? [CHANNEL_INSTRUCTIONS] : [])].filter(Boolean).join(' '),
    });
    // Below the server's own handlers, which would check results and drop what they do not know.
    this.server.fallbackRequestHandler = (request, ctx) => this.#pass(request, ctx);
  }

  /** Tells the host that it may list again what it could not list before. */
  async listsChanged(): Promise<void> {
    for (const list of ['tools', 'prompts', 'resources'] as const) {
      if (this.server.getCapabilities()[list]) {
        await this.server.notification({ method: `notifications/${list}/list_changed` });
      }
    }
  }

  #capabilities(): ServerCapabilities {
    const { tools, resources, prompts, completions, extensions } = this.link.facts?.capabilities ?? USUAL;
    const apps = extensions?.[PASSED_EXTENSION];
    const changing = { listChanged: true };
    return {
      ...(tools && { tools: changing }),
      ...(resources && { resources: changing }),
      ...(prompts && { prompts: changing }),
      ...(completions && { completions }),
      ...(apps && { extensions: { [PASSED_EXTENSION]: apps } }),
      ...(this.channel && { experimental: CHANNEL_CAPABILITY }),
    };
  }

  async #pass({ method, params = {} }: JSONRPCRequest, ctx: ServerContext): Promise<Result> {
    if (!PASSED.has(method)) throw new RpcError(ProtocolErrorCode.MethodNotFound, 'Method not found');
    const onprogress = (progress: Params) => {
      void ctx.mcpReq.notify({ method: 'notifications/progress', params: progress }).catch(() => undefined);
    };
    const options = { signal: ctx.mcpReq.signal, onprogress };
    const meta = { ...params._meta, ...this.#host(ctx) };
    const asked = { ...params, _meta: meta };
    try {
      const result = await (method === 'tools/call'
        ? this.#call(asked, options)
        : this.link.request(method, this.#named(asked), options));
      return this.era === 'legacy' ? inLegacyTerms(result) : result;
    } catch (error) {
      if (!(error instanceof TroubleError)) throw error;
      // What a model calls, a model should read; the server adds what the era wants besides.
      if (method === 'tools/call') return unavailable(error);
      throw new RpcError(ProtocolErrorCode.InternalError, error.message);
    }
  }

  /** Who asks. Of the host's capabilities only its extensions: what the others promise cannot pass through here. */
  #host(ctx: ServerContext): Params {
    const envelope = ctx.mcpReq.envelope as Params | undefined;
    const modern = this.era === 'modern';
    const capabilities = modern ? envelope?.[CLIENT_CAPABILITIES_META_KEY] : this.server.getClientCapabilities();
    const info = modern ? envelope?.[CLIENT_INFO_META_KEY] : this.server.getClientVersion();
    const extensions = (capabilities as Params | undefined)?.['extensions'];
    return {
      [CLIENT_INFO_META_KEY]: info ?? PRODUCT,
      [CLIENT_CAPABILITIES_META_KEY]: extensions === undefined ? {} : { extensions },
    };
  }

  /** The request with the participant named in its `_meta`, unless the host has done so. */
  #named(params: Params & { readonly _meta: Params }): Params {
    const token = this.participant.current?.token;
    return token === undefined ? params : { ...params, _meta: { [TOKEN_META_KEY]: token, ...params._meta } };
  }

  async #call(params: Params, options: RequestOptions): Promise<Result> {
    const traits = (await this.link.tools()).get(String(params['name']));
    const args = params['arguments'] ?? {};
    // Arguments that are none are for the service to refuse.
    const given = typeof args === 'object' ? (args as Params)['participant_token'] : null;
    const held = given === undefined && traits?.takesToken ? this.participant.current?.token : undefined;
    const sent = held ?? (typeof given === 'string' ? given : undefined);
    const asked =
      held !== undefined
        ? { ...params, arguments: { ...args, participant_token: held } }
        : sent === undefined && traits?.makesParticipant
          ? { ...params, _meta: { ...ANOTHER_PARTICIPANT, ...(params['_meta'] as Params | undefined) } }
          : params;
    const result = await this.link.request('tools/call', asked, options);
    if (sent !== undefined && isUnknownParticipant(result)) {
      this.participant.forget(sent);
      // The failed call changed nothing; without the token it makes a new participant.
      if (held !== undefined && traits?.makesParticipant) return this.#call(params, options);
    }
    this.participant.learn(result, sent);
    return result;
  }
}

/** Without what only revision 2026-07-28 has. */
function inLegacyTerms({ resultType: _kind, ttlMs: _ttl, cacheScope: _scope, _meta, ...result }: Result): Result {
  const { [SERVER_INFO_META_KEY]: _info, ...meta } = (_meta ?? {}) as Params;
  return Object.keys(meta).length === 0 ? result : { ...result, _meta: meta };
}

/** A failure in the form of the service's own, for a model to read. */
function unavailable({ trouble: { kind, message, advice } }: TroubleError): Result {
  const hint =
    kind === 'lost'
      ? 'The call may have been carried out: look with get_status or get_messages before you repeat it.'
      : `${advice}; the bridge keeps trying.`;
  return {
    content: [{ type: 'text', text: `${message}. ${hint}` }],
    structuredContent: { error: message, code: 'unavailable', hint, retryable: kind !== 'lost' },
    isError: true,
  };
}
