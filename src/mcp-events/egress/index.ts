import type { Provider } from '@nestjs/common';
import { Egress } from './egress.js';
import { DnsHostResolver, HostResolver } from './host-resolver.js';
import { OutboundNetwork, SystemNetwork } from './outbound-network.js';

export { CallbackUrlError } from './callback-url.js';
export { Egress, type EgressRequest, type EgressResponse } from './egress.js';
export { EgressError, EgressThrottled } from './egress-error.js';

/** `Egress` with the name servers and the network of the machine. */
export const EGRESS_PROVIDERS: Provider[] = [
  Egress,
  { provide: HostResolver, useFactory: () => new DnsHostResolver() },
  { provide: OutboundNetwork, useFactory: () => new SystemNetwork() },
];
