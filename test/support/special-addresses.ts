import { isIPv4 } from 'node:net';

/**
 * The IANA IPv4 and IPv6 Special-Purpose Address Registries, entry by entry, with multicast, and the blocks of IPv6 that
 * are not global unicast. Written down apart from what the service itself goes by.
 */
export const SPECIAL_BLOCKS = [
  '0.0.0.0/8',
  '0.0.0.0/32',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.0.0/29',
  '192.0.0.8/32',
  '192.0.0.9/32',
  '192.0.0.10/32',
  '192.0.0.170/32',
  '192.0.0.171/32',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.88.99.2/32',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  '::1/128',
  '::/96',
  '::ffff:0:0/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '100:0:0:1::/64',
  '400::/6',
  '800::/5',
  '1000::/4',
  '2001::/23',
  '2001::/32',
  '2001:1::1/128',
  '2001:1::2/128',
  '2001:1::3/128',
  '2001:2::/48',
  '2001:3::/32',
  '2001:4:112::/48',
  '2001:10::/28',
  '2001:20::/28',
  '2001:30::/28',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
  '4000::/3',
  '5f00::/16',
  '6000::/3',
  '8000::/3',
  'a000::/3',
  'c000::/3',
  'e000::/4',
  'f000::/5',
  'f800::/6',
  'fc00::/7',
  'fd00:ec2::254/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** The address of a block whose free bits are those of `bits`. */
export function inside(block: string, bits: bigint): string {
  const [network = '', prefix] = block.split('/');
  const family = isIPv4(network) ? 4 : 6;
  const free = (1n << ((family === 4 ? 32n : 128n) - BigInt(prefix!))) - 1n;
  return textOf(numberOf(network) | (bits & free), family);
}

export const firstAndLast = (block: string): string[] => [inside(block, 0n), inside(block, (1n << 128n) - 1n)];

export function textOf(address: bigint, family: 4 | 6): string {
  const [count, bits, radix, separator] = family === 4 ? ([4, 8n, 10, '.'] as const) : ([8, 16n, 16, ':'] as const);
  const part = (index: number) => (address >> (BigInt(count - 1 - index) * bits)) & ((1n << bits) - 1n);
  return Array.from({ length: count }, (_, index) => part(index).toString(radix)).join(separator);
}

function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const [left = '', right] = address.split('::').map((half) => half.split(':').filter((part) => part !== ''));
  const zeros = right === undefined ? 0 : 8 - left.length - right.length;
  const parts = [...left, ...Array<string>(zeros).fill('0'), ...(right ?? [])];
  return parts.reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n);
}
