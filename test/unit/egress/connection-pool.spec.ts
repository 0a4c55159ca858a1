import { describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import type { CallbackTarget } from '../../../src/mcp-events/egress/callback-url.js';
import { ConnectionPool, type PooledRequest } from '../../../src/mcp-events/egress/connection-pool.js';
import type { Dialer } from '../../../src/mcp-events/egress/dialer.js';
import { EgressError } from '../../../src/mcp-events/egress/index.js';

describe('ConnectionPool', () => {
  it('remembers nothing of hosts that could not be connected to', async () => {
    const dial = () => Promise.reject(new EgressError('connection_refused'));
    const pool = new ConnectionPool({ dial } as unknown as Dialer, 10);

    for (let i = 0; i < 20; i++) {
      const hostname = `${i}.example`;
      const target: CallbackTarget = { secure: true, hostname, port: 443, host: hostname, path: '/' };
      const options: PooledRequest = { target, cancelled: new AbortController().signal, agent: pool, host: hostname };
      const error = await new Promise((failed) => request(options).on('error', failed).end());
      expect(error).toBeInstanceOf(EgressError);
    }

    expect([Object.keys(pool.sockets), Object.keys(pool.freeSockets), Object.keys(pool.requests)]).toEqual([
      [],
      [],
      [],
    ]);
  });
});
