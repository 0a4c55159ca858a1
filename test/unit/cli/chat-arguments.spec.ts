import { describe, expect, it } from '@jest/globals';
import { parseChatArguments } from '../../../src/cli/chat/arguments.js';
import { endpoint } from '../../../src/cli/endpoint.js';
import { cliEnvironment } from '../../../src/cli/environment.js';

describe('the command line of a chat', () => {
  it('needs nothing', () => {
    expect(parseChatArguments([])).toEqual({
      url: new URL('http://127.0.0.1:3000/mcp'),
      interests: [],
      colour: true,
      lingerMs: 0,
      retryMs: 60_000,
      json: false,
    });
  });

  it('says who one is and whom one looks for', () => {
    const flags = ['--name', ' Ann ', '--interests', 'music, ,chess', '--no-color', '--linger', '2.5', '--retry', '0'];
    expect(parseChatArguments(['chat.example.com', ...flags, '--pool', 'night', '--json'])).toEqual({
      url: new URL('https://chat.example.com/mcp'),
      name: 'Ann',
      pool: 'night',
      interests: ['music', 'chess'],
      colour: false,
      lingerMs: 2500,
      retryMs: 0,
      json: true,
    });
    expect(parseChatArguments(['--help', '--name', 'Ann'])).toBe('help');
  });

  it.each([
    [['a', 'b'], 'one url is enough; "b" is too much'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--name', '  '], '--name must not be blank'],
    [['--pool', 'a', '--room', 'b'], '--pool does not go with --room'],
    [['--linger', '-1'], "Option '--linger' argument is ambiguous"],
    [['--linger', 'soon'], '--linger must be a number of seconds from 0 to 86400'],
    [['--retry', '86401'], '--retry must be a number of seconds from 0 to 86400'],
    [['ftp://127.0.0.1'], '"ftp://127.0.0.1" is not the URL of a service, such as http://127.0.0.1:3000/mcp'],
    [['http://'], '"http://" is not the URL of a service'],
  ])('is refused, by argument and rule: %j', (args, message) => {
    expect(() => parseChatArguments(args)).toThrow(message);
  });
});

describe('the address of a service', () => {
  it.each([
    [undefined, 'http://127.0.0.1:3000/mcp'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/mcp'],
    ['localhost:8080', 'http://localhost:8080/mcp'],
    ['[::1]:8080/', 'http://[::1]:8080/mcp'],
    ['127.0.0.1', 'http://127.0.0.1/mcp'],
    ['localhost.example.com', 'https://localhost.example.com/mcp'],
    ['localhost/t/acme', 'http://localhost/t/acme/mcp'],
    ['https://example.com/t/acme/', 'https://example.com/t/acme/mcp'],
    ['https://example.com/chat', 'https://example.com/chat'],
    ['https://example.com/chat/mcp?x=1#top', 'https://example.com/chat/mcp?x=1'],
  ])('may leave out what is usual: %j', (text, url) => expect(endpoint(text).href).toBe(url));

  it('holds no password, and an error repeats none', () => {
    expect(() => endpoint('https://ann:secret@example.com')).toThrow(/^(?!.*secret).*PARLEY_BEARER_TOKEN/);
  });
});

describe('the environment of the command-line clients', () => {
  it.each([
    [{}, { cursor: true }],
    [
      { PARLEY_BEARER_TOKEN: 'x', TERM: 'dumb' },
      { bearerToken: 'x', cursor: false },
    ],
    [{ PARLEY_BEARER_TOKEN: '', NO_COLOR: '', FORCE_COLOR: '' }, { cursor: true }],
    [{ NO_COLOR: '1' }, { colour: false, cursor: true }],
    [
      { FORCE_COLOR: '1', NO_COLOR: '1' },
      { colour: true, cursor: true },
    ],
    [{ FORCE_COLOR: '0' }, { colour: false, cursor: true }],
  ])('is read as %j says', (env, read) => expect(cliEnvironment(env)).toEqual(read));
});
