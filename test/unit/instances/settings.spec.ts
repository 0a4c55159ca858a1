import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/index.js';

const STATE_URL = 'redis://127.0.0.1:6379';

describe('the settings of instances', () => {
  it('are an address that others reach, without anything else in it', () => {
    expect(loadConfig({ STATE_URL, INSTANCE_URL: 'http://10.0.0.7:3000/' }).instanceUrl).toBe('http://10.0.0.7:3000');
    expect(loadConfig({ STATE_URL, INSTANCE_URL: 'https://[fd00::7]' }).instanceUrl).toBe('https://[fd00::7]');
    expect(loadConfig({ STATE_URL }).instanceUrl).toBeNull();
    for (const INSTANCE_URL of [
      '10.0.0.7:3000',
      'http://a/mcp',
      'http://u:p@a',
      'ftp://a',
      'http://a?b',
      'http://a#b',
    ]) {
      expect(() => loadConfig({ STATE_URL, INSTANCE_URL })).toThrow(
        'INSTANCE_URL must be an http or https address without a path, e.g. http://10.0.0.7:3000',
      );
    }
  });

  it('are refused where they cannot mean anything', () => {
    expect(() => loadConfig({ INSTANCE_URL: 'http://10.0.0.7:3000' })).toThrow(
      'INSTANCE_URL needs STATE_URL: without it every instance has a state of its own',
    );
    expect(() => loadConfig({ STATE_URL, DRAIN_SECONDS: '9' })).toThrow('DRAIN_SECONDS must be below SHUTDOWN_SECONDS');
  });

  it('drain only where there is another instance to go to', () => {
    expect(loadConfig({ STATE_URL }).drainMs).toBe(3_000);
    expect(loadConfig({ STATE_URL, DRAIN_SECONDS: '0' }).drainMs).toBe(0);
    expect(loadConfig({ DRAIN_SECONDS: '600' }).drainMs).toBe(0);
  });
});
