import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/index.js';

describe('settings of webhooks', () => {
  it('ask for authentication, and cannot be without it in production', () => {
    expect(loadConfig({}).webhooks.withoutAuth).toBe(false);
    expect(loadConfig({ WEBHOOKS_WITHOUT_AUTH: 'true' }).webhooks.withoutAuth).toBe(true);
    expect(() => loadConfig({ WEBHOOKS_WITHOUT_AUTH: 'true', NODE_ENV: 'production' })).toThrow(
      'WEBHOOKS_WITHOUT_AUTH must be false when NODE_ENV is production',
    );
    expect(() => loadConfig({ WEBHOOKS_WITHOUT_AUTH: 'perhaps' })).toThrow('WEBHOOKS_WITHOUT_AUTH must be');
  });

  it('have bounds that fit together', () => {
    expect(() => loadConfig({ WEBHOOKS_TTL_MIN_SECONDS: '61', WEBHOOKS_TTL_MAX_SECONDS: '60' })).toThrow(
      'WEBHOOKS_TTL_MIN_SECONDS must not be above WEBHOOKS_TTL_MAX_SECONDS',
    );
  });
});
