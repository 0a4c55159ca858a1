import { ConnectionLost, Refusal } from './connection.js';

/** Statuses that say "not now" rather than "no". */
const NOT_NOW = new Set([408, 425, 429]);

/**
 * A `fetch` that fails in a connection's own words: what may work later is a `ConnectionLost`, what will not is a
 * `Refusal` that says what to do. Bad requests (400) pass, because their answer is a JSON-RPC error.
 */
export function plainFetch(url: URL, fetch: typeof globalThis.fetch, withBearer: boolean): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init).catch((error: unknown) => {
      if (init?.signal?.aborted) throw error;
      throw new ConnectionLost(`${url.origin} cannot be reached${detail(error)}`, { cause: error });
    });
    const { status } = response;
    if (status < 400 || status === 400) return response;
    const said = await explanation(response);
    if (status >= 500 || NOT_NOW.has(status)) {
      throw new ConnectionLost(`${url.origin} does not serve at the moment (HTTP ${status})${said}`);
    }
    throw new Refusal(refusal(url, status, said, withBearer), status);
  };
}

function refusal({ href, origin }: URL, status: number, said: string, withBearer: boolean): string {
  switch (status) {
    case 401:
      return withBearer
        ? `${origin} does not accept this bearer token (HTTP 401)${said}: pass one that is valid and has not expired`
        : `${origin} wants to know who is calling (HTTP 401)${said}: pass a bearer token`;
    case 403:
      return `${origin} does not let this client in (HTTP 403)${said}: ask its operator to allow it`;
    default:
      return `${href} is not an MCP endpoint (HTTP ${status})${said}: check the address, which usually ends in /mcp`;
  }
}

/** What the server says in a JSON-RPC error, in brackets. */
async function explanation(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: unknown } } | undefined;
  const message = body?.error?.message;
  return typeof message === 'string' ? ` (${message})` : '';
}

/** Node.js says why in the cause; browsers do not tell. */
function detail(error: unknown): string {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? ` (${code})` : '';
}
