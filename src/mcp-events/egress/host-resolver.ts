import { Resolver } from 'node:dns/promises';

/** Finds the addresses of a name. */
export interface HostResolver {
  /** All of them, IPv4 first; never cached here. Rejects when there are none or nobody knows. */
  resolve(hostname: string): Promise<readonly string[]>;
}
export const HostResolver = Symbol.for('parley/HostResolver');

/** Milliseconds until a name server is asked again, and how often it is asked at all. */
const TIMEOUT_MS = 1_500;
const TRIES = 2;

/**
 * Asks the configured name servers over the network. Unlike the system's own look-up it knows neither the hosts file nor
 * local names, and a slow name server holds up no thread that others need.
 */
export class DnsHostResolver implements HostResolver {
  readonly #resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });

  /** @param servers name servers, as `address:port`; those of the system by default */
  constructor(servers?: readonly string[]) {
    if (servers) this.#resolver.setServers(servers);
  }

  async resolve(hostname: string): Promise<readonly string[]> {
    const answers = await Promise.allSettled([this.#resolver.resolve4(hostname), this.#resolver.resolve6(hostname)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    throw answers.find((answer) => answer.status === 'rejected')?.reason ?? new Error('No address');
  }
}
