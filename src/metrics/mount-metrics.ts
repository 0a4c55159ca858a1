import type { FastifyInstance, FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import { denialOf } from './access.js';

export const METRICS_PATH = '/metrics';

/** Serves figures to whoever may read them. @param token shows them from elsewhere than this machine; null: nobody there */
export function mountMetrics(fastify: FastifyInstance, token: string | null, read: () => Promise<string>): void {
  fastify.get(METRICS_PATH, async ({ raw }, reply) => {
    const denial = denialOf(raw, token);
    if (denial === 'unauthenticated')
      return refuse(reply.header('WWW-Authenticate', 'Bearer'), 401, 'Show METRICS_TOKEN as a bearer token.');
    if (denial === 'not_local')
      return refuse(reply, 403, 'Only from this machine itself, unless METRICS_TOKEN is set.');
    return reply
      .header('Cache-Control', 'no-store')
      .type(Registry.PROMETHEUS_CONTENT_TYPE)
      .send(await read());
  });
}

const refuse = (reply: FastifyReply, status: number, why: string) =>
  reply.code(status).type('text/plain').send(`${why}\n`);
