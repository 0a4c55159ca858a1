import type { FastifyInstance } from 'fastify';
import type { Door, RpcError } from '../mcp-transport/index.js';
import type { ServedFile } from './served-file.js';

/** Files go straight out, behind the same check of the host as everything else. */
export function serveFiles(fastify: FastifyInstance, files: readonly ServedFile[], door: Door): void {
  for (const file of files) {
    fastify.route({
      method: ['GET', 'HEAD'],
      url: file.path,
      exposeHeadRoute: false,
      onRequest: (request, reply) => {
        reply.hijack();
        try {
          door.requireHost(request.raw);
        } catch (error) {
          const { httpStatus, message } = error as RpcError;
          reply.raw.writeHead(httpStatus, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
          return;
        }
        file.serve(request.raw, reply.raw).catch(() => reply.raw.destroy());
      },
      handler: () => undefined,
    });
  }
}
