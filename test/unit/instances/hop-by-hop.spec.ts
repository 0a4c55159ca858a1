import { describe, expect, it } from '@jest/globals';
import { endToEnd } from '../../../src/instances/hop-by-hop.js';

describe('headers that are passed on', () => {
  it('are those for the other end, as they were written and as often', () => {
    const given = [
      'Host',
      'a.example.org',
      'AUTHORIZATION',
      'Bearer x',
      'Accept',
      'a',
      'accept',
      'b',
      'Content-Length',
      '2',
    ];
    expect(endToEnd(given)).toEqual(given);
  });

  it('are not those of the connection, named or not', () => {
    const given = [
      'Connection',
      'close, X-Mine',
      'x-mine',
      '1',
      'Keep-Alive',
      'timeout=5',
      'Transfer-Encoding',
      'chunked',
    ];
    expect(endToEnd([...given, 'Expect', '100-continue', 'Upgrade', 'h2c', 'X-Other', '2'])).toEqual(['X-Other', '2']);
  });
});
