import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DnsHostResolver } from '../../../src/mcp-events/egress/host-resolver.js';
import { egressFor, SpyNetwork } from '../../support/outbound.js';

const A = 1;
const AAAA = 28;
const NAME_ERROR = 3;

let server: Socket | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A resolver that asks a name server of the test, which answers each type of question with these addresses. */
async function resolverOf(records: Readonly<Record<number, readonly Buffer[]>>): Promise<DnsHostResolver> {
  server = createSocket('udp4');
  server.on('message', (query, { address, port }) => server!.send(answer(query, records), port, address));
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return new DnsHostResolver([`127.0.0.1:${server.address().port}`]);
}

/** RFC 1035, section 4: the header, the question as it came, and one record for each address. */
function answer(query: Buffer, records: Readonly<Record<number, readonly Buffer[]>>): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const type = query.readUInt16BE(end - 4);
  const found = records[type] ?? [];
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180 | (Object.keys(records).length === 0 ? NAME_ERROR : 0), 2);
  header.writeUInt16BE(found.length, 6);
  header.fill(0, 8);
  const resources = found.map((data) => {
    const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([header, query.subarray(12, end), ...resources]);
}

const LOOPBACK6 = Buffer.from('00000000000000000000000000000001', 'hex');
const PUBLIC6 = Buffer.from('26064700470000000000000000001111', 'hex');

describe('DnsHostResolver', () => {
  it('finds the addresses of both families, IPv4 first', async () => {
    const resolver = await resolverOf({
      [A]: [Buffer.from([1, 1, 1, 1]), Buffer.from([1, 0, 0, 1])],
      [AAAA]: [PUBLIC6],
    });

    expect(await resolver.resolve('receiver.example')).toEqual(['1.1.1.1', '1.0.0.1', '2606:4700:4700::1111']);
  });

  it('is content with one family', async () => {
    expect(await (await resolverOf({ [AAAA]: [PUBLIC6] })).resolve('receiver.example')).toEqual([
      '2606:4700:4700::1111',
    ]);
  });

  it('says by its code that a name has no address', async () => {
    await expect((await resolverOf({})).resolve('receiver.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('is not believed: what a name server says of one family spoils the other', async () => {
    const resolver = await resolverOf({ [A]: [Buffer.from([1, 1, 1, 1])], [AAAA]: [LOOPBACK6] });
    const network = new SpyNetwork();

    const outcome = egressFor(network, resolver).post('https://receiver.example/', {
      headers: {},
      body: '',
      timeoutMs: 30_000,
    });

    await expect(outcome).rejects.toThrow('connection_refused (NOT_PUBLIC)');
    expect(network.attempts).toEqual([]);
  });
});
