import { describe, expect, it } from '@jest/globals';
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { isPublicAddress } from '../../../src/mcp-events/egress/public-address.js';
import { FakeResolver, egressFor, SpyNetwork } from '../../support/outbound.js';
import { firstAndLast, inside, SPECIAL_BLOCKS, textOf } from '../../support/special-addresses.js';

const URL_OF = (address: string) => `https://${isIPv6(address) ? `[${address}]` : address}/hook`;
const REQUEST = { headers: {}, body: '{}', timeoutMs: 30_000 };

describe('a special-purpose address', () => {
  it.each(SPECIAL_BLOCKS)('is never connected to: %s', async (block) => {
    const network = new SpyNetwork();

    for (const address of firstAndLast(block)) {
      expect(isPublicAddress(address)).toBe(false);
      await expect(egressFor(network).post(URL_OF(address), REQUEST)).rejects.toThrow('must not lead to that address');
      const byName = egressFor(network, new FakeResolver([address]));
      await expect(byName.post('https://receiver.example/hook', REQUEST)).rejects.toMatchObject({
        category: 'connection_refused',
        message: 'connection_refused (NOT_PUBLIC)',
      });
    }
    expect(network.attempts).toEqual([]);
  });

  it('is one wherever in its block it lies', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SPECIAL_BLOCKS), fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (block, bits) => {
        expect(isPublicAddress(inside(block, bits))).toBe(false);
      }),
    );
  });

  it('is any IPv6 address that holds an IPv4 address in a way of transition', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), (ipv4) => {
        expect(isPublicAddress(textOf(ipv4, 6))).toBe(false);
        expect(isPublicAddress(textOf((0xffffn << 32n) | ipv4, 6))).toBe(false);
        expect(isPublicAddress(`::ffff:${textOf(ipv4, 4)}`)).toBe(false);
        expect(isPublicAddress(textOf((0x64_ff9bn << 96n) | ipv4, 6))).toBe(false);
        expect(isPublicAddress(textOf((0x2002n << 112n) | (ipv4 << 80n), 6))).toBe(false);
      }),
    );
  });

  it.each(['fe80::1%eth0', '2606:4700::1111%eth0', 'localhost', '', '1.2.3', '1.2.3.4:80', '[2606:4700::1111]'])(
    'is everything that is no plain address: %j',
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});

describe('a public address', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.0.3.0',
    '192.88.98.255',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '203.0.112.255',
    '203.0.114.0',
    '223.255.255.255',
    '2000::1',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2001:db7:ffff::1',
    '2001:db9::1',
    '2003::1',
    '2606:4700:4700::1111',
    '2a00:1450:4001::200e',
    '3ffe:ffff::1',
    '3fff:1000::1',
  ])('is connected to: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});
