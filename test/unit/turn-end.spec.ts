import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpExchange } from '../../src/mcp-transport/http-exchange.js';
import { SseStream } from '../../src/mcp-transport/sse-streams.js';
import { setImmediate as turn } from 'node:timers/promises';

const BUFFER_BYTES = 1_000_000;

describe('what is written in one turn of the event loop', () => {
  let server: Server;
  let exchange: HttpExchange;
  let answer: Promise<IncomingMessage>;

  beforeEach(async () => {
    const asked = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
      server = createServer((request, response) => resolve([request, response])).listen(0, '127.0.0.1');
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    answer = new Promise((resolve) => get({ port, host: '127.0.0.1', agent: false }, resolve));
    exchange = new HttpExchange(...(await asked), undefined);
  });
  afterEach(() => void server.close());

  /** The chunks of the body, as the socket was given them. */
  const written = () => {
    const socket = exchange.response.socket!;
    const chunks: string[] = [];
    const write = socket.write.bind(socket);
    socket.write = ((chunk: string, encoding: BufferEncoding) => {
      chunks.push(chunk);
      return write(chunk, encoding);
    }) as typeof socket.write;
    return chunks;
  };
  const stream = async () => {
    const sse = new SseStream(exchange, BUFFER_BYTES, '');
    await answer;
    return sse;
  };

  it('goes out as one chunk of a stream', async () => {
    const sse = await stream();
    const chunks = written();
    for (const frame of ['a\n\n', 'b\n\n', 'ü\n\n']) expect(sse.write(frame)).toBe(true);
    expect(chunks).toEqual([]);
    await turn();
    expect(chunks).toEqual(['a\r\na\n\nb\n\nü\n\n\r\n']);
    sse.write('c\n\n');
    sse.end();
    expect(await text(await answer)).toBe('a\n\nb\n\nü\n\nc\n\n');
  });

  it('does not gather without end', async () => {
    const sse = await stream();
    const chunks = written();
    const frame = `${'x'.repeat(9_998)}\n\n`;
    expect(sse.write(frame)).toBe(true);
    expect(chunks).toEqual([]);
    for (let i = 0; i < 9; i++) sse.write(frame);
    expect(chunks).toHaveLength(5);
    sse.end();
    expect(await text(await answer)).toHaveLength(100_000);
  });

  it('is not written to somebody who has gone', async () => {
    const sse = await stream();
    const chunks = written();
    sse.write('a\n\n');
    sse.destroy();
    await turn();
    expect(chunks).toEqual([]);
  });

  it('is the answer to a request, given once', async () => {
    exchange.json(200, '{"who":"Zoë"}');
    expect(exchange.closed).toBe(true);
    exchange.json(500, 'too late');
    const response = await answer;
    expect(response.statusCode).toBe(200);
    expect(await text(response)).toBe('{"who":"Zoë"}');
  });
});
