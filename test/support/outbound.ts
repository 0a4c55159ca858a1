import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type EgressSettings, loadConfig } from '../../src/config/index.js';
import { Egress } from '../../src/mcp-events/egress/index.js';
import type { HostResolver } from '../../src/mcp-events/egress/host-resolver.js';
import { type OutboundNetwork, SystemNetwork } from '../../src/mcp-events/egress/outbound-network.js';
import { FakeClock } from '../../src/testing/index.js';

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
const CERTIFICATE = pem('receiver.cert');

/** An address outside all special ranges, which the certificate of the fixtures is valid for. */
export const PUBLIC_ADDRESS = '93.184.215.14';

/** Names as a test wants them resolved; each look-up takes the next answer, the last one stays. */
export class FakeResolver implements HostResolver {
  lookups = 0;
  #answers: readonly (readonly string[] | Error)[];

  constructor(...answers: (readonly string[] | Error)[]) {
    this.#answers = answers;
  }

  async resolve(_hostname: string): Promise<readonly string[]> {
    this.lookups++;
    const [answer, ...others] = this.#answers;
    if (others.length > 0) this.#answers = others;
    if (answer instanceof Error) throw answer;
    return answer!;
  }
}

/** Sees every attempt to connect, and leads each to a server of the test, whatever the address. */
export class SpyNetwork implements OutboundNetwork {
  readonly attempts: string[] = [];
  trusted: string | undefined = CERTIFICATE;

  constructor(public port = 0) {}

  connect(address: string, _port: number): Socket {
    this.attempts.push(address);
    return connectTcp(this.port, '127.0.0.1');
  }

  secure(socket: Socket, hostname: string): TLSSocket {
    return new SystemNetwork(this.trusted).secure(socket, hostname);
  }
}

/** A server with what it saw of its clients. */
export interface Receiver {
  readonly server: Server;
  readonly port: number;
  readonly sockets: Set<Socket>;
  /** Connections ever made. */
  connections(): number;
  close(): Promise<void>;
}

export async function receiver(
  listener: RequestListener,
  { secure = true, host = '127.0.0.1' } = {},
): Promise<Receiver> {
  const server: Server = secure
    ? createSecureServer({ cert: CERTIFICATE, key: pem('receiver.key') }, listener)
    : createPlainServer(listener);
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, host, listening));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    sockets,
    connections: () => connections,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A way out under test control, as patient as a busy machine needs it. */
export function egressFor(
  network: OutboundNetwork,
  resolver: HostResolver = new FakeResolver([PUBLIC_ADDRESS]),
  settings: Partial<EgressSettings> = {},
  clock = new FakeClock(),
): Egress {
  const patient = loadConfig({ WEBHOOKS_CONNECT_TIMEOUT_MS: '60000', WEBHOOKS_BODY_TIMEOUT_MS: '60000' }).egress;
  return new Egress({ egress: { ...patient, ...settings } }, clock, resolver, network);
}
