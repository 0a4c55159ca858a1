import type { IncomingMessage } from 'node:http';

/**
 * What arrives of a body within `maxBytes` and `timeoutMs`. Of what is longer or slower, no more is read and the connection
 * is closed; a body that breaks off counts as far as it came.
 */
export function readBody(response: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => response.destroy(), timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    };
    response.on('data', (chunk: Buffer) => {
      const room = maxBytes - size;
      if (room > 0) chunks.push(chunk.subarray(0, room));
      size += chunk.length;
      if (size > maxBytes) response.destroy();
    });
    response.on('error', () => undefined);
    response.once('end', finish);
    response.once('close', finish);
    if (Number(response.headers['content-length']) > maxBytes) response.destroy();
  });
}
