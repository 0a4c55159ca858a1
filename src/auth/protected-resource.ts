import type { FastifyInstance } from 'fastify';
import type { AuthSettings } from '../config/index.js';
import type { Scope } from '../ports/identity-verifier.js';

/** Where metadata is; behind it comes the path of the endpoint that it is about. */
export const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** What every caller of the endpoint must be allowed. */
export const ENDPOINT_SCOPE: Scope = 'parley:chat';

/** Where the metadata of the endpoint is, as clients know it; undefined when there is no authorization server to name. */
export function metadataUrl({ resource, issuer }: AuthSettings): string | undefined {
  if (resource === null || issuer === null) return undefined;
  const { origin, pathname } = new URL(resource);
  return origin + WELL_KNOWN + pathname;
}

/** Tells clients which authorization server issues tokens for the endpoint (RFC 9728; MCP, basic/authorization). */
export function mountMetadata(fastify: FastifyInstance, settings: AuthSettings): void {
  const url = metadataUrl(settings);
  if (url === undefined) return;
  const document = {
    resource: settings.resource,
    authorization_servers: [settings.issuer],
    scopes_supported: [ENDPOINT_SCOPE],
    bearer_methods_supported: ['header'],
    resource_name: 'Parley',
  };
  for (const path of [WELL_KNOWN, new URL(url).pathname]) {
    fastify.route({
      method: ['GET', 'HEAD', 'OPTIONS'],
      url: path,
      exposeHeadRoute: false,
      // Anybody may know, pages of any origin included.
      handler: (request, reply) => {
        void reply.header('Access-Control-Allow-Origin', '*');
        if (request.method !== 'OPTIONS') return reply.header('Cache-Control', 'public, max-age=300').send(document);
        return reply
          .headers({ 'Access-Control-Allow-Methods': 'GET', 'Access-Control-Allow-Headers': 'MCP-Protocol-Version' })
          .code(204)
          .send();
      },
    });
  }
}
