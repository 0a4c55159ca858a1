import { fileURLToPath } from 'node:url';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Era, Facts } from '../support/clients.js';
import { until } from '../support/until.js';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/parley.js', import.meta.url));
const INFO = { name: 'bridge-test', version: '1.0.0' };

export interface HostOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Heard {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface ChannelParams {
  readonly content: string;
  readonly meta: Readonly<Record<string, string>>;
}

/** A host that has started the built bridge as its process: the stdio client of either SDK. */
export class BridgeHost {
  readonly heard: Heard[] = [];
  stderr = '';

  private constructor(
    readonly client: ClientV1 | ClientV2,
    readonly pid: number,
  ) {}

  static async start(era: Era, url: URL | string, { flags = [], env = {} }: HostOptions = {}): Promise<BridgeHost> {
    const parameters = {
      command: process.execPath,
      args: [PROGRAM, 'bridge', String(url), ...flags],
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stderr: 'pipe' as const,
    };
    const record = async ({ method, params = {} }: { method: string; params?: object }) => {
      host.heard.push({ method, params: params as Heard['params'] });
    };
    const [client, transport] = era === '2025-11-25' ? legacy(parameters) : modern(parameters);
    client.fallbackNotificationHandler = record;
    let stderr = '';
    transport.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (host) host.stderr = stderr;
    });
    let host = undefined as unknown as BridgeHost;
    // Either client takes its own transport; together they are only alike.
    await (client as ClientV2).connect(transport);
    host = new BridgeHost(client, transport.pid!);
    host.stderr = stderr;
    return host;
  }

  async call(name: string, args: object = {}): Promise<{ facts: Facts; text: string; isError: boolean }> {
    const result = await (this.client as ClientV2).callTool({ name, arguments: args as Record<string, unknown> });
    const content = result.content as { text: string }[];
    return {
      facts: result.structuredContent as Facts,
      text: content.map(({ text }) => text).join('\n'),
      isError: result.isError === true,
    };
  }

  /** The facts of a call that must succeed. */
  async ok(name: string, args?: object): Promise<Facts> {
    const { facts, text, isError } = await this.call(name, args);
    if (isError) throw new Error(`${name} failed: ${text}`);
    return facts;
  }

  /** Everything that came through the channel, in order. */
  get channel(): readonly ChannelParams[] {
    return this.heard
      .filter(({ method }) => method === 'notifications/claude/channel')
      .map(({ params }) => params as unknown as ChannelParams);
  }

  /** Channel messages of one event. */
  told(event: string): readonly ChannelParams[] {
    return this.channel.filter(({ meta }) => meta['event'] === event);
  }

  async isTold(event: string, count = 1): Promise<ChannelParams> {
    return until(`${event} number ${count} in the channel`, () => this.told(event)[count - 1], 20_000);
  }

  /** Whether the process is still there, a zombie included. */
  get running(): boolean {
    try {
      return process.kill(this.pid, 0);
    } catch {
      return false;
    }
  }

  /** As a host ends its servers: closes stdin, and goes on to signals when that does not help. */
  async close(): Promise<void> {
    await this.client.close();
  }
}

type Parameters = ConstructorParameters<typeof StdioV2>[0];

function legacy(parameters: Parameters): [ClientV1, StdioV1] {
  return [new ClientV1(INFO), new StdioV1(parameters)];
}

function modern(parameters: Parameters): [ClientV2, StdioV2] {
  return [new ClientV2(INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } }), new StdioV2(parameters)];
}
