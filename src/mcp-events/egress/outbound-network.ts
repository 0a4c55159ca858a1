import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** The way out, so that tests can see every attempt to connect. */
export interface OutboundNetwork {
  /** Starts to connect to an address, which is not looked up. */
  connect(address: string, port: number): Socket;
  /** Starts TLS on a connection. The certificate must be valid for the host. */
  secure(socket: Socket, hostname: string): TLSSocket;
}
export const OutboundNetwork = Symbol.for('parley/OutboundNetwork');

export class SystemNetwork implements OutboundNetwork {
  /** @param ca certificates (PEM) to trust instead of those that Node does */
  constructor(private readonly ca?: string) {}

  connect(address: string, port: number): Socket {
    return connectTcp({ host: address, port, noDelay: true });
  }

  secure(socket: Socket, hostname: string): TLSSocket {
    return connectTls({
      socket,
      host: hostname,
      // An address is no server name (RFC 6066, section 3).
      servername: isIP(hostname) === 0 ? hostname : '',
      ALPNProtocols: ['http/1.1'],
      ca: this.ca,
      // Said here, verification cannot be switched off by NODE_TLS_REJECT_UNAUTHORIZED.
      rejectUnauthorized: true,
    });
  }
}
