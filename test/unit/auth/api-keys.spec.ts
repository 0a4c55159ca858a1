import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ApiKeyError, createApiKey } from '../../../src/auth/index.js';
import { parseApiKeys } from '../../../src/auth/verifiers/api-keys.js';

const LINE = { principal: 'billing', scopes: ['parley:chat'], sha256: 'a'.repeat(64) };
const parse = (line: object) => () => parseApiKeys(JSON.stringify(line));

describe('API keys', () => {
  it('are random, and their line holds only a digest', () => {
    const { key, line } = createApiKey({ principal: 'bot', scopes: ['parley:chat'] });
    const other = createApiKey({ principal: 'bot', scopes: ['parley:chat'] });
    expect(key).toMatch(/^parley_key_[\w-]{43}$/);
    expect(other.key).not.toBe(key);
    expect(line).not.toContain(key.slice(11));
    expect(parseApiKeys(line)).toEqual([
      { principal: 'bot', scopes: ['parley:chat'], sha256: createHash('sha256').update(key).digest('hex') },
    ]);
  });

  it('stand in a file with empty lines and remarks', () => {
    const text = `# who: why\n\n${JSON.stringify(LINE)}\n  \n${JSON.stringify({ ...LINE, expires: '2030-01-31T00:00:00Z' })}\n`;
    expect(parseApiKeys(text)).toHaveLength(2);
  });

  it.each([
    [{ ...LINE, principal: '' }, 'principal must be'],
    [{ ...LINE, principal: 'a#b' }, 'principal must be'],
    [{ ...LINE, scopes: [] }, 'scopes must list some of parley:chat, parley:moderate, parley:admin'],
    [{ ...LINE, scopes: ['chat'] }, 'scopes must list some of'],
    [{ ...LINE, scopes: 'parley:chat' }, 'scopes must list some of'],
    [{ ...LINE, sha256: 'a' }, 'sha256 must be 64 hexadecimal digits'],
    [{ ...LINE, expires: 'tomorrow' }, 'expires must be a time like 2030-01-31T00:00:00Z'],
    [{ ...LINE, expires: 5 }, 'expires must be a time'],
    [{ ...LINE, tenant: 'A/b' }, 'tenant must be 1 to 32 of a-z, 0-9 and -'],
    [{ ...LINE, team: 'x' }, '"team" is not known'],
    [[], 'principal must be'],
  ])('are refused by the line when it is %j', (line, why) => {
    expect(parse(line)).toThrow(`line 1: ${why}`);
    expect(() => parseApiKeys(`#\n${JSON.stringify(line)}`)).toThrow('line 2: ');
  });

  it('are refused when a line is a key itself, without repeating it', () => {
    const { key } = createApiKey({ principal: 'bot', scopes: ['parley:chat'] });
    expect(() => parseApiKeys(key)).toThrow(ApiKeyError);
    expect(() => parseApiKeys(key)).not.toThrow(key);
  });

  it('cannot be made for nobody', () => {
    expect(() => createApiKey({ principal: '', scopes: ['parley:chat'] })).toThrow(ApiKeyError);
  });
});
