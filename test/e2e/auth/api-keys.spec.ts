import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createApiKey } from '../../../src/auth/index.js';
import { connectV1, connectV2 } from '../../support/clients.js';
import { useParley } from '../../support/parley.js';
import { until } from '../../support/until.js';
import { CHAT_EXTENSION, StatelessPeer } from '../http/wire.js';

jest.setTimeout(30_000);

describe('API keys', () => {
  const parley = useParley();
  let folder: string;
  let file: string;
  const make = (principal: string, more: Partial<Parameters<typeof createApiKey>[0]> = {}) =>
    createApiKey({ principal, scopes: ['parley:chat'], ...more });
  const [ann, ben] = [make('ann'), make('ben')];
  const start = (environment = {}) =>
    parley.start({ environment: { AUTH_MODE: 'api-key', API_KEYS_FILE: file, HOST: '0.0.0.0', ...environment } });
  const at = (key?: string) => new StatelessPeer(new URL(`http://127.0.0.1:${parley.server.url.port}/mcp`), key);
  const ask = async (key?: string) => (await at(key).rpc('tools/list')).status;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-keys-'));
    file = join(folder, 'keys.jsonl');
    await writeFile(file, `# keys\n${ann.line}\n${ben.line}\n`);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('let their bearers talk, in both eras', async () => {
    await start({ HOST: '127.0.0.1' });
    const one = await parley.client(connectV1, { bearer: ann.key });
    const other = await parley.client(connectV2, { bearer: ben.key });
    const { roomId } = await parley.match(one, other);
    await other.say(roomId, 'hello');
    await one.hearsMessage('hello');
  });

  it('are all there is: no metadata is named, and nobody else is let in', async () => {
    await start();
    const answer = await at().rpc('tools/list');
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer scope="parley:chat"']);
    for (const wrong of [`${ann.key}x`, ann.key.slice(0, -1), make('ann').key, 'nonsense']) {
      expect(await ask(wrong)).toBe(401);
    }
  });

  it('may lack a scope, and may expire', async () => {
    const moderator = make('mod', { scopes: ['parley:moderate'] });
    const over = make('old', { expires: '2020-01-01T00:00:00Z' });
    await appendFile(file, `${moderator.line}\n${over.line}\n`);
    await start();
    expect([await ask(moderator.key), await ask(over.key)]).toEqual([403, 401]);
  });

  it('can be added and taken back while the service runs, with all that they opened', async () => {
    await start();
    await at(ann.key).call('enter_queue', { display_name: 'Ann' });
    const stream = await at(ann.key).subscribe({ [CHAT_EXTENSION]: {} });
    const cleo = make('cleo');
    await writeFile(file, `${ben.line}\n${cleo.line}\n`);
    expect(await stream.ended).toBe(true);
    await until('the new key to be taken', async () => (await ask(cleo.key)) === 200, 15_000);
    expect([await ask(ann.key), await ask(ben.key)]).toEqual([401, 200]);
  });

  it('stop the start when their file is not there or not right', async () => {
    await expect(start({ API_KEYS_FILE: join(folder, 'nowhere') })).rejects.toThrow(/^API_KEYS_FILE: ENOENT/);
    await writeFile(file, `${ann.line}\n${ann.key}\n`);
    await expect(start()).rejects.toThrow('API_KEYS_FILE: line 2: must be a JSON object');
  });
});
