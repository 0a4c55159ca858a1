import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Every block of the IANA IPv4 Special-Purpose Address Registry, multicast and the reserved rest. The few blocks that the
 * registry calls globally reachable (AS112, AMT, PCP and TURN anycast) are among them: no receiver is there.
 */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];

/**
 * The only block of IPv6 that is allotted to global unicast. What is outside needs no list: loopback, IPv4-mapped and
 * -compatible addresses, NAT64, discard-only, SRv6 SIDs, unique and link-local, multicast, and whatever may still come.
 */
const GLOBAL_IPV6 = ['2000::/3'];

/** What the IANA IPv6 Special-Purpose Address Registry holds inside it: Teredo, ORCHID, documentation, 6to4, AS112 … */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

// Node's own lists compare; an address library would not spare this table, since none has the registries whole.
const specialIpv4 = listOf('ipv4', SPECIAL_IPV4);
const globalIpv6 = listOf('ipv6', GLOBAL_IPV6);
const specialIpv6 = listOf('ipv6', SPECIAL_IPV6);

/** Whether an IP address is one that anybody on the Internet could connect to. A zone (`%eth0`) never is. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !specialIpv4.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
  return globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
}

function listOf(family: 'ipv4' | 'ipv6', blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [network, prefix] = block.split('/');
    list.addSubnet(network!, Number(prefix), family);
  }
  return list;
}
