import { describe, expect, it } from '@jest/globals';
import { networkTrouble, statusTrouble } from '../../../src/cli/trouble.js';

const HTTP = new URL('http://parley.example.org/mcp');
const HTTPS = new URL('https://parley.example.org/mcp');
const failed = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('connect failed'), { code }) });

describe('trouble with the network', () => {
  it.each([
    ['ECONNREFUSED', 'unreachable', /nothing listens there/],
    ['ENOTFOUND', 'unreachable', /host is not known/],
    ['UND_ERR_CONNECT_TIMEOUT', 'unreachable', /does not answer/],
    ['UND_ERR_SOCKET', 'lost', /connection .* was lost \(UND_ERR_SOCKET\)/],
    ['ECONNRESET', 'lost', /connection .* was lost/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', /does not speak TLS/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', /certificate of parley.example.org is not trusted/],
    ['CERT_HAS_EXPIRED', 'tls', /certificate of parley.example.org is not trusted/],
  ])('%s is %s, and names what is wrong', (code, kind, words) => {
    expect(networkTrouble(failed(code), HTTPS)).toMatchObject({ kind, message: expect.stringMatching(words) });
  });

  it('is found among several addresses that were tried', () => {
    const each = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const all = new TypeError('fetch failed', { cause: new AggregateError([each, each]) });
    expect(networkTrouble(all, HTTP).kind).toBe('unreachable');
  });

  it('of time is a service that does not answer', () => {
    const late = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(networkTrouble(late, HTTP)).toMatchObject({ kind: 'failing', message: `${HTTP.href} does not answer` });
  });

  it('without a code is a lost connection', () => {
    expect(networkTrouble(new TypeError('terminated'), HTTP)).toMatchObject({
      kind: 'lost',
      message: 'The connection to http://parley.example.org/mcp was lost',
      advice: expect.stringContaining('https://'),
    });
  });
});

describe('trouble with the answer', () => {
  it.each([
    [401, false, 'unauthorised', /wants a bearer token/, /Set PARLEY_BEARER_TOKEN$/],
    [401, true, 'unauthorised', /does not accept the bearer token/, /one that is valid/],
    [403, false, 'forbidden', /does not let this client in/, /ALLOWED_HOSTS/],
    [404, false, 'not-mcp', /not with MCP \(404\)/, /\/mcp/],
    [502, false, 'failing', /fails \(502\)/, /log/],
  ])('%d (bearer sent: %s) is %s', (status, bearer, kind, message, advice) => {
    expect(statusTrouble(status, HTTP, bearer)).toEqual({
      kind,
      message: expect.stringMatching(message),
      advice: expect.stringMatching(advice),
    });
  });

  it('repeats what the service says', () => {
    expect(statusTrouble(503, HTTP, false, 'The service is stopping').message).toMatch(
      /\(503\): The service is stopping$/,
    );
  });
});
