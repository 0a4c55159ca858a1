import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectV2 } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';
import { rpcOf, send } from '../e2e/http/wire.js';
import { ServiceProcess } from './service.js';

const ROOT = new URL('../../', import.meta.url);
const DEFAULT_URL = 'http://127.0.0.1:3000/mcp';
const file = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const guide = file('docs/clients.md');

/** The code blocks of a language under a heading of the guide. */
function blocks(heading: string, language: string): string[] {
  const section = guide.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  return [...section!.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code!);
}

describe('what docs/clients.md says', () => {
  const parley = useParley();
  const running: ServiceProcess[] = [];
  afterEach(() => Promise.all(running.splice(0).map((program) => program.end())));

  const run = (...args: Parameters<typeof ServiceProcess.run>) => {
    const program = ServiceProcess.run(...args);
    running.push(program);
    return program;
  };
  /** Runs code of the guide against the service under test. */
  const runCode = (code: string) => {
    const program = ServiceProcess.evaluate(code.replaceAll(DEFAULT_URL, parley.server.url.href));
    running.push(program);
    return program;
  };

  it.each([
    ['SDK 1.x', 'waiting\n'],
    ['SDK 2.x', 'waiting\n'],
    ['AI SDK', 'enter_queue leave_queue join_room send_message wait_for_message'],
  ])('runs, for the %s', async (heading, says) => {
    await parley.start();
    const [code] = blocks(heading, 'js');
    const program = runCode(code!);
    await until(`“${says}”`, () => program.stdout.includes(says));
  });

  it('is answered, by curl', async () => {
    await parley.start();
    const [command] = blocks('curl', 'sh');
    const headers: Record<string, string> = Object.fromEntries(
      [...command!.matchAll(/-H '([^:']+): ([^']*)'/g)].map(([, name, to]) => [name!, to!] as const),
    );
    const [, body] = /-d '([^]+)'/.exec(command!)!;
    const answer = await send(parley.server.url, 'POST', headers, body);
    expect(rpcOf(answer).result?.structuredContent).toMatchObject({ status: 'waiting' });
  });

  it('talks with the tools of the AI SDK', async () => {
    await parley.start();
    const example = run({}, 'examples/clients/ai-sdk.mjs', 'Ann', parley.server.url.href);
    const ben = await parley.client(connectV2);
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben', wait_seconds: 40 });
    await ben.hearsMessage('Hello, I am Ann');
    await ben.say(roomId, 'hello Ann');
    await until('the message', () => example.stdout.includes('Ben: hello Ann'));
    await ben.ok('leave_chat', { room_id: roomId });
    expect(await example.exited).toBe(0);
    expect(example.stdout).toBe('* Ben is here\nBen: hello Ann\n* The chat is over\n');
  });

  describe.each([
    ['1.x', () => new ClientV1({ name: 'host', version: '1.0.0' }), StdioV1],
    ['2.x', () => new ClientV2({ name: 'host', version: '1.0.0' }), StdioV2],
  ] as const)('starts a bridge that a host of the SDK %s can use', (_, newClient, Transport) => {
    it.each(['claude_desktop_config.json', 'claude-code-channel.mcp.json', 'codex-bridge.config.toml'])(
      'by %s',
      async (name) => {
        await parley.start();
        const { command, args } = entryOf(name) as { command: string; args: string[] };
        expect(command).toBe('parley');
        const program = fileURLToPath(new URL('dist/cli/parley.js', ROOT));
        const transport = new Transport({
          command: process.execPath,
          args: [program, ...args.map((arg) => arg.replace(DEFAULT_URL, parley.server.url.href))],
          stderr: 'ignore',
        });
        const client = newClient() as ClientV1;
        await client.connect(transport);
        try {
          const { tools } = await client.listTools();
          expect(tools.map((tool) => tool.name)).toContain('enter_queue');
        } finally {
          await client.close();
        }
      },
    );
  });
});

/** The entry for Parley in a configuration file of a host. */
function entryOf(name: string): unknown {
  const text = file(`examples/clients/config/${name}`);
  if (name.endsWith('.toml')) {
    const settings = [...text.matchAll(/^(\w+) = (.+)$/gm)].map(([, key, value]) => [
      key,
      JSON.parse(value!) as unknown,
    ]);
    return Object.fromEntries(settings);
  }
  return (JSON.parse(text) as { mcpServers: { parley: unknown } }).mcpServers.parley;
}
