import { describe, expect, it } from '@jest/globals';
import { parseAddress } from '../../../src/adapters/redis/redis-address.js';

const nobody = { username: undefined, password: undefined, tls: false };

describe('an address of a Redis', () => {
  it.each([
    ['redis://db', { kind: 'single', endpoints: [{ host: 'db', port: 6379 }], database: 0, shown: 'db:6379' }],
    ['redis://10.0.0.1:7000/3', { kind: 'single', endpoints: [{ host: '10.0.0.1', port: 7000 }], database: 3 }],
    ['redis://[::1]:7000', { kind: 'single', endpoints: [{ host: '::1', port: 7000 }] }],
    ['rediss://db', { kind: 'single', tls: true }],
    [
      'redis+cluster://a,b:7001',
      {
        kind: 'cluster',
        endpoints: [
          { host: 'a', port: 6379 },
          { host: 'b', port: 7001 },
        ],
      },
    ],
    [
      'rediss+sentinel://a,b:7001/my%20master/2',
      {
        ...{ kind: 'sentinel', tls: true, master: 'my master', database: 2, shown: 'a:26379, b:7001' },
        endpoints: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 7001 },
        ],
      },
    ],
  ])('is read: %s', (url, expected) => {
    expect(parseAddress(url)).toMatchObject({ ...nobody, ...expected });
  });

  it('has a user and a password, which are decoded and never shown', () => {
    const address = parseAddress('redis://parley:p%40ss%3Aword@db:6379');
    expect(address).toMatchObject({ username: 'parley', password: 'p@ss:word', shown: 'db:6379' });
    expect(parseAddress('redis://:secret@db')).toMatchObject({ username: undefined, password: 'secret' });
  });

  it.each([
    'http://db',
    'redis://',
    'redis://a,b',
    'redis://db/one',
    'redis://db/1/2',
    'redis://db:0',
    'redis://db:65536',
    'redis://%zz@db',
    'redis+cluster://db/1',
    'redis+sentinel://db',
    'redis+other://db',
  ])('is not %s', (url) => expect(parseAddress(url)).toBeUndefined());
});
