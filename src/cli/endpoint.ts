import { UsageError } from './usage-error.js';

export const DEFAULT_ENDPOINT = 'http://127.0.0.1:3000/mcp';

/**
 * The MCP endpoint that a person means: the scheme may be left out (http on this machine, https elsewhere), and so may
 * the path `/mcp`, be it of the service or of a tenant's. @throws UsageError
 */
export function endpoint(text = DEFAULT_ENDPOINT): URL {
  const wrong = new UsageError(`${JSON.stringify(text)} is not the URL of a service, such as ${DEFAULT_ENDPOINT}`);
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${isHere(text) ? 'http' : 'https'}://${text}`;
  if (!URL.canParse(withScheme)) throw wrong;
  const url = new URL(withScheme);
  if (!['http:', 'https:'].includes(url.protocol)) throw wrong;
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('The URL must not hold a name or a password; set PARLEY_BEARER_TOKEN instead');
  }
  const [, before] = WITHOUT_MCP.exec(url.pathname) ?? [];
  if (before !== undefined) url.pathname = `${before}/mcp`;
  url.hash = '';
  return url;
}

/** The root of a service, or of a tenant's. */
const WITHOUT_MCP = /^((?:\/t\/[^/]+)?)\/?$/;

const isHere = (text: string) => /^(localhost|127(\.\d+){3}|\[::1\])([:/]|$)/i.test(text);
