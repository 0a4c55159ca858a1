import { describe, expect, it } from '@jest/globals';
import { parseAddress } from '../../../src/adapters/nats/nats-address.js';

describe('the address of the message queue', () => {
  it.each([
    ['nats://queue', { servers: ['queue:4222'], tls: false, login: undefined }],
    ['nats://queue:4333/', { servers: ['queue:4333'], tls: false, login: undefined }],
    ['tls://a.example.org,b:5000', { servers: ['a.example.org:4222', 'b:5000'], tls: true, login: undefined }],
    ['nats://[::1]:4222', { servers: ['[::1]:4222'], tls: false, login: undefined }],
    ['nats://me:p%40ss@queue', { servers: ['queue:4222'], tls: false, login: { user: 'me', pass: 'p@ss' } }],
    ['nats://t%2Fken@queue', { servers: ['queue:4222'], tls: false, login: { token: 't/ken' } }],
  ])('is read: %s', (url, address) => {
    expect(parseAddress(url)).toEqual(address);
  });

  it.each([
    'nats://',
    'nats://queue:0',
    'nats://queue:70000',
    'nats://queue/stream',
    'nats://queue?x=1',
    'nats://a,,b',
    'nats://%zz@queue',
    'redis://queue',
    'queue:4222',
  ])('is refused: %s', (url) => {
    expect(parseAddress(url)).toBeUndefined();
  });
});
