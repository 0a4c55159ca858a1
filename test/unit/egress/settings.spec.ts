import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/index.js';

describe('what webhooks may connect to', () => {
  it('is public receivers on two ports, unless it is said otherwise', () => {
    expect(loadConfig({}).egress).toMatchObject({ allowLoopback: false, ports: [443, 8443] });
  });

  it('is loopback too with a switch that does not work in production', () => {
    const WEBHOOKS_ALLOW_LOOPBACK = 'true';

    expect(loadConfig({ WEBHOOKS_ALLOW_LOOPBACK }).egress.allowLoopback).toBe(true);
    expect(loadConfig({ WEBHOOKS_ALLOW_LOOPBACK, NODE_ENV: 'development' }).egress.allowLoopback).toBe(true);
    expect(() => loadConfig({ WEBHOOKS_ALLOW_LOOPBACK, NODE_ENV: 'production' })).toThrow(
      'WEBHOOKS_ALLOW_LOOPBACK must be false when NODE_ENV is production',
    );
  });

  it.each(['yes', '1', 'TRUE', 'on'])('is not widened by a switch that says %j', (value) => {
    expect(() => loadConfig({ WEBHOOKS_ALLOW_LOOPBACK: value })).toThrow(
      'WEBHOOKS_ALLOW_LOOPBACK must be true or false',
    );
  });

  it('is the ports that are listed', () => {
    expect(loadConfig({ WEBHOOKS_PORTS: '443, 9443' }).egress.ports).toEqual([443, 9443]);
  });

  it.each(['0', '65536', 'https', '443,,x', '4.5', ',', Array(17).fill('443').join(',')])('is no port %j', (value) => {
    expect(() => loadConfig({ WEBHOOKS_PORTS: value })).toThrow(
      'WEBHOOKS_PORTS must list 1 to 16 ports from 1 to 65535',
    );
  });
});
