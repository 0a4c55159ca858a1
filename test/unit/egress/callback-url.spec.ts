import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type CallbackTarget,
  CallbackUrlError,
  requireCallbackUrl,
} from '../../../src/mcp-events/egress/callback-url.js';

const LIVE = { allowLoopback: false, ports: [443, 8443] };
const DEVELOPMENT = { ...LIVE, allowLoopback: true };

function refusal(url: string, rules = LIVE): string {
  try {
    requireCallbackUrl(url, rules);
  } catch (error) {
    expect(error).toBeInstanceOf(CallbackUrlError);
    return (error as Error).message;
  }
  throw new Error(`accepted: ${url}`);
}

function accepted(url: string): CallbackTarget | undefined {
  try {
    return requireCallbackUrl(url, LIVE);
  } catch (error) {
    expect(error).toBeInstanceOf(CallbackUrlError);
    return undefined;
  }
}

describe('a callback URL', () => {
  it.each([
    ['https://example.com', { hostname: 'example.com', port: 443, host: 'example.com', path: '/' }],
    ['https://example.com?a', { path: '/?a' }],
    ['HTTPS://Example.COM:443/Hook', { hostname: 'example.com', port: 443, host: 'example.com', path: '/Hook' }],
    ['https://example.com:8443/h', { port: 8443, host: 'example.com:8443' }],
    ['https://example.com./h', { hostname: 'example.com', host: 'example.com.' }],
    ['https://[2606:4700:4700:0::1111]/h', { hostname: '2606:4700:4700::1111', host: '[2606:4700:4700::1111]' }],
    ['https://1.1.1.1/h', { hostname: '1.1.1.1' }],
    ['https://xn--bcher-kva.example/h', { hostname: 'xn--bcher-kva.example' }],
  ])('leads somewhere: %s', (url, target) => {
    expect(requireCallbackUrl(url, LIVE)).toMatchObject({ secure: true, ...target });
  });

  it('keeps path and query byte for byte, whatever a URL parser would make of them', () => {
    const path =
      '/a/./b/../c//d;e=%2E%2e/%zz?mcp_event_subscription=6f1c&x=\'{}|^`"<>&u=https://other.example/?@#'.slice(0, -1);
    expect(requireCallbackUrl(`https://example.com${path}`, LIVE).path).toBe(path);
  });

  it.each([
    ['', 'must be an absolute https URL'],
    ['example.com/hook', 'must be an absolute https URL'],
    ['//example.com/hook', 'must be an absolute https URL'],
    ['https:example.com', 'must be an absolute https URL'],
    ['https:/example.com', 'must be an absolute https URL'],
    ['https:///example.com', 'must be an absolute https URL'],
    ['ftp://example.com', 'must be an absolute https URL'],
    ['file:///etc/passwd', 'must be an absolute https URL'],
    ['javascript://example.com/', 'must be an absolute https URL'],
    ['https://1.2.3.4.5/', 'must be an absolute https URL'],
    ['https://example.com:99999/', 'must be an absolute https URL'],
    ['https://exa%6dple.com:443x/', 'must be an absolute https URL'],
    ['http://example.com/', 'must be https'],
    ['http://127.0.0.1/', 'must be https'],
    ['https://user@example.com/', 'must have no user or password'],
    ['https://user:pass@example.com/', 'must have no user or password'],
    ['https://@example.com/', 'must have no user or password'],
    ['https://1.1.1.1@127.0.0.1/', 'must have no user or password'],
    ['https://example.com/#part', 'must have no fragment'],
    ['https://example.com/#', 'must have no fragment'],
    ['https://example.com\\@127.0.0.1/', 'must have no backslash'],
    ['https://example.com:80/', 'must use port 443 or 8443'],
    ['https://example.com:22/', 'must use port 443 or 8443'],
    ['https://example.com:0/', 'must use port 443 or 8443'],
    [' https://example.com/', 'must be visible ASCII; encode anything else'],
    ['https://exam\tple.com/', 'must be visible ASCII; encode anything else'],
    ['https://example.com/\r\nHost:%20x', 'must be visible ASCII; encode anything else'],
    ['https://bücher.example/', 'must be visible ASCII; encode anything else'],
    ['https://１２７.0.0.1/', 'must be visible ASCII; encode anything else'],
    [`https://example.com/${'a'.repeat(2_029)}`, 'must have at most 2048 characters'],
  ])('is refused: %j', (url, message) => {
    expect(refusal(url)).toBe(message);
  });

  it('has up to 2048 characters', () => {
    expect(requireCallbackUrl(`https://example.com/${'a'.repeat(2_028)}`, LIVE).path).toHaveLength(2_029);
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0X7F.1/',
    'https://017700000001/',
    'https://0177.0.0.01/',
    'https://127.1/',
    'https://127.0.1/',
    'https://127.0.0.1./',
    'https://%31%32%37.0.0.1/',
    'https://0/',
    'https://0x0/',
    'https://10.1/',
    'https://0xa9fea9fe/',
    'https://2852039166/',
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[2002:7f00:1::]/',
    'https://[fd00:ec2::254]/',
  ])('is refused where it writes an address that is not public: %s', (url) => {
    expect(refusal(url)).toBe('must not lead to that address');
  });

  it.each(['https://127.0.0.1../', 'https://a..example/', 'https://a.example../'])(
    'is refused where its name has an empty part: %s',
    (url) => expect(refusal(url)).toBe('must name a host without empty parts'),
  );

  it('never names a port, a host or a user that a parser reads otherwise', () => {
    const piece = fc.constantFrom(
      'a.example',
      '127.0.0.1',
      ':',
      '443',
      '8443',
      '/',
      '?',
      '#',
      '@',
      '\\',
      '%',
      '[::1]',
      '.',
      '0x7f.1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const url = `https://${pieces.join('')}`;
        const target = accepted(url);
        if (!target) return;
        const parsed = new URL(url);
        expect(target.host).toBe(parsed.host);
        expect(parsed.username + parsed.password + parsed.hash).toBe('');
        expect([443, 8443]).toContain(target.port);
        expect(target.hostname).not.toMatch(/^127\.[\d.]+$|^::1$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('with the development switch', () => {
  it.each([
    ['http://127.0.0.1:4000/hook?k=1', { secure: false, hostname: '127.0.0.1', port: 4000, path: '/hook?k=1' }],
    ['http://127.0.0.1', { port: 80, host: '127.0.0.1' }],
    ['http://[::1]:1/', { hostname: '::1', host: '[::1]:1' }],
  ])('loopback is let in: %s', (url, target) => {
    expect(requireCallbackUrl(url, DEVELOPMENT)).toMatchObject(target);
  });

  it.each([
    'http://localhost/',
    'http://127.0.0.2/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://[0::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://127.0.0.1.example.com/',
    'http://10.0.0.1/',
    'http://example.com/',
  ])('nothing else is let in without TLS: %s', (url) => {
    expect(refusal(url, DEVELOPMENT)).toBe('must be https, or http on 127.0.0.1 or [::1]');
  });

  it.each(['https://127.0.0.1/', 'https://[::1]/', 'https://10.0.0.1/'])('https is as it always is: %s', (url) => {
    expect(refusal(url, DEVELOPMENT)).toBe('must not lead to that address');
  });
});
