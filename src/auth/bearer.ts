import type { IncomingMessage } from 'node:http';

/** RFC 6750, section 2.1. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** Why there is no token to look at. */
export type NoBearer = 'missing' | 'malformed' | 'in the query';

/** The token of a request. It must be in the header: addresses end up in logs (MCP, basic/authorization, Token Requirements). */
export function bearerOf({ url = '', headers }: IncomingMessage): { token: string } | { problem: NoBearer } {
  if (/[?&]access_token=/i.test(url)) return { problem: 'in the query' };
  const { authorization } = headers;
  if (authorization === undefined || !/^Bearer\b/i.test(authorization)) return { problem: 'missing' };
  const [, token] = BEARER.exec(authorization) ?? [];
  return token === undefined ? { problem: 'malformed' } : { token };
}
