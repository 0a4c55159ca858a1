import { endpoint } from '../endpoint.js';

/** The service that a person means, with or without `/mcp`: what its paths begin with. @throws UsageError */
export function serviceUrl(text?: string): URL {
  const url = endpoint(text);
  url.pathname = url.pathname.replace(/\/(mcp\/?)?$/, '');
  url.search = '';
  return url;
}
