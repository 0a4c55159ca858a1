import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/client';
import { PRODUCT } from '../product.js';
import { networkTrouble, statusTrouble, type Trouble } from '../trouble.js';

const KNOCK_MS = 10_000;

/** How the endpoint answers at the door. */
export interface Knock {
  readonly ms: number;
  /** Why nothing more can be asked of it. */
  readonly trouble?: Trouble;
  /** The revisions it says it serves; empty when it does not understand the question. */
  readonly revisions: readonly string[];
}

/** Asks what the endpoint is, without a client that would explain its answer away. */
export async function knock(url: URL, bearerToken?: string, origin?: string): Promise<Knock> {
  const start = performance.now();
  const answered = (rest: Omit<Knock, 'ms' | 'revisions'> & Partial<Knock>): Knock => ({
    ms: performance.now() - start,
    revisions: [],
    ...rest,
  });
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(KNOCK_MS),
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'MCP-Protocol-Version': '2026-07-28',
        'Mcp-Method': 'server/discover',
        ...(bearerToken !== undefined && { Authorization: `Bearer ${bearerToken}` }),
        ...(origin !== undefined && { Origin: origin }),
      },
      body: JSON.stringify(DISCOVER),
    });
    text = await response.text();
  } catch (error) {
    return answered({ trouble: networkTrouble(error, url) });
  }
  const { status, headers } = response;
  const answer = rpcAnswer(text);
  const bearer = bearerToken !== undefined;
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null) {
    const message = `${url.href} redirects (${status}) to ${location.slice(0, 200)}`;
    return answered({ trouble: { kind: 'not-mcp', message, advice: 'Use the address that it names' } });
  }
  if (status === 401 || status === 403 || !answer) {
    const said = answer?.error?.message ?? headers.get('www-authenticate') ?? undefined;
    return answered({ trouble: statusTrouble(status, url, bearer, said?.slice(0, 200)) });
  }
  const revisions = answer.result?.supportedVersions;
  return answered({ revisions: Array.isArray(revisions) ? revisions.map(String) : [] });
}

const DISCOVER = {
  jsonrpc: '2.0',
  id: 1,
  method: 'server/discover',
  params: {
    _meta: {
      [PROTOCOL_VERSION_META_KEY]: '2026-07-28',
      [CLIENT_INFO_META_KEY]: PRODUCT,
      [CLIENT_CAPABILITIES_META_KEY]: {},
    },
  },
};

interface RpcAnswer {
  readonly result?: { readonly supportedVersions?: unknown };
  readonly error?: { readonly message?: string };
}

/** The JSON-RPC answer in a body, be it JSON or a stream of one event. */
function rpcAnswer(text: string): RpcAnswer | undefined {
  try {
    const json = /^data: ?(\{.*)$/m.exec(text)?.[1] ?? text;
    const answer = JSON.parse(json) as RpcAnswer & { readonly jsonrpc?: unknown };
    return answer.jsonrpc === '2.0' ? answer : undefined;
  } catch {
    return undefined;
  }
}
