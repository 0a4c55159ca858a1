import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import type { EgressSettings } from '../../config/index.js';
import type { Clock } from '../../ports/clock.js';
import type { CallbackTarget } from './callback-url.js';
import { codeOf, EgressError, EgressThrottled, endOf } from './egress-error.js';
import type { HostResolver } from './host-resolver.js';
import { KeyedRate } from './keyed-rate.js';
import type { OutboundNetwork } from './outbound-network.js';
import { isPublicAddress } from './public-address.js';

/** Addresses of one name that are tried. */
const MAX_ADDRESSES = 4;

/**
 * Opens connections. A name is resolved once for each, every address it has must be public, and one of these very
 * addresses is connected to: a name server that answers differently the next time gains nothing. Host header and TLS keep
 * the name.
 */
export class Dialer {
  /** By address and port, since one server may have any number of names. */
  readonly rate: KeyedRate;

  constructor(
    private readonly settings: Pick<EgressSettings, 'connectTimeoutMs' | 'hostRate'>,
    private readonly clock: Clock,
    private readonly resolver: HostResolver,
    private readonly network: OutboundNetwork,
  ) {
    this.rate = new KeyedRate(settings.hostRate);
  }

  /** A connection that is ready for a request. @throws EgressError, EgressThrottled */
  async dial(target: CallbackTarget, cancelled: AbortSignal): Promise<Socket> {
    const signal = AbortSignal.any([cancelled, AbortSignal.timeout(this.settings.connectTimeoutMs)]);
    const addresses = await this.#addresses(target, signal);
    const wait = this.rate.take(`${addresses[0]} ${target.port}`, this.clock.now());
    if (wait > 0) throw new EgressThrottled(wait);
    const socket = await this.#connect(addresses, target.port, signal);
    if (!target.secure) return socket;
    const secured = this.network.secure(socket, target.hostname);
    return ready(secured, 'secureConnect', signal, 'tls_error');
  }

  async #addresses({ hostname, secure }: CallbackTarget, signal: AbortSignal): Promise<readonly string[]> {
    // Without TLS there is only literal loopback, let in by the rules of callback URLs.
    if (!secure) return [hostname];
    const addresses = isIP(hostname) === 0 ? await this.#resolve(hostname, signal) : [hostname];
    if (!addresses.every(isPublicAddress)) throw new EgressError('connection_refused', 'NOT_PUBLIC');
    return addresses.slice(0, MAX_ADDRESSES);
  }

  async #resolve(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
    let addresses: readonly string[];
    try {
      addresses = await Promise.race([this.resolver.resolve(hostname), abortion(signal)]);
    } catch (error) {
      throw signal.aborted ? endOf(signal) : new EgressError('connection_refused', codeOf(error));
    }
    if (addresses.length === 0) throw new EgressError('connection_refused', 'ENODATA');
    return addresses;
  }

  /** The first address that answers; none may use up the time of the others. */
  async #connect(addresses: readonly string[], port: number, signal: AbortSignal): Promise<Socket> {
    const share = Math.ceil(this.settings.connectTimeoutMs / addresses.length);
    let failure: unknown;
    for (const address of addresses) {
      const turn = AbortSignal.any([signal, AbortSignal.timeout(share)]);
      try {
        return await ready(this.network.connect(address, port), 'connect', turn, 'connection_refused');
      } catch (error) {
        failure = error;
        if (signal.aborted) break;
      }
    }
    throw failure;
  }
}

/** The socket once it has said so; else it is destroyed. */
async function ready<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  category: 'connection_refused' | 'tls_error',
): Promise<S> {
  // Heard for good: an error that nobody hears would end the process.
  socket.on('error', () => undefined);
  try {
    await once(socket, event, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw endOf(signal);
    throw new EgressError(codeOf(error) === 'ETIMEDOUT' ? 'timeout' : category, codeOf(error));
  }
}

async function abortion(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw endOf(signal);
}
