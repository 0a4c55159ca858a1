import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { rpcOf, StatelessPeer } from '../e2e/http/wire.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

const fixtures = fileURLToPath(new URL('../fixtures/strategies', import.meta.url));

describe('a service with strategies of others', () => {
  const running: ServiceProcess[] = [];
  let folder: string;

  beforeAll(() => {
    // A folder of somebody's own with a package that only `import` can load, and a file.
    folder = mkdtempSync(join(tmpdir(), 'parley-'));
    const installed = join(folder, 'node_modules', 'their-strategy');
    mkdirSync(installed, { recursive: true });
    const manifest = { name: 'their-strategy', type: 'module', exports: { import: './greedy.mjs' } };
    writeFileSync(join(installed, 'package.json'), JSON.stringify(manifest));
    for (const [name, to] of [
      ['greedy.mjs', installed],
      ['obedient.mjs', folder],
    ] as const) {
      cpSync(join(fixtures, name), join(to, name));
    }
  });
  afterEach(() => Promise.all(running.splice(0).map((service) => service.end())));
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (environment: Record<string, string>) => {
    const service = ServiceProcess.runIn(folder, environment);
    running.push(service);
    return service;
  };

  it('finds them from its working directory, matches with them, and stops as ever', async () => {
    const service = run({
      MATCHING_STRATEGY: 'their-strategy',
      POOLS: '[{"name":"a","strategy":"./obedient.mjs"}]',
      STRATEGY_BUDGET_MS: '10000',
    });
    await service.announced();
    const [ann, bob] = [new StatelessPeer(service.url), new StatelessPeer(service.url)];
    expect(await enter(ann)).toMatchObject({ status: 'waiting' });
    expect(await enter(bob)).toMatchObject({ status: 'matched', reasons: [{ code: 'greedy', text: 'First come' }] });
    expect(await enter(ann, { pool: 'a' })).toMatchObject({ status: 'waiting' });
    expect(await enter(bob, { pool: 'a' })).toMatchObject({ status: 'matched' });

    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
  });

  it('keeps other pools matching while one hangs, and says which one it is', async () => {
    const service = run({ POOLS: '[{"name":"a","strategy":"./obedient.mjs"}]', STRATEGY_BUDGET_MS: '1000' });
    await service.announced();
    const [ann, bob, cat] = ['Ann', 'Bob', 'Cat'].map(() => new StatelessPeer(service.url)) as [
      StatelessPeer,
      StatelessPeer,
      StatelessPeer,
    ];
    const stuck = enter(ann, { pool: 'a', attributes: { do: 'hang' } });
    expect(await enter(bob)).toMatchObject({ status: 'waiting' });
    expect(await enter(cat)).toMatchObject({ status: 'matched' });
    expect(await stuck).toMatchObject({ status: 'waiting' });
    await until('its name in the log', () => service.stdout.includes('obedient'));
  });

  it.each([
    [
      'no-such-strategy',
      {},
      /^Configuration: MATCHING_STRATEGY: "no-such-strategy" cannot be loaded: Cannot find package/,
    ],
    ['./obedient.mjs', { MATCHING_OPTIONS: '{"a":1}' }, /^Configuration: MATCHING_OPTIONS must be left out: /],
    ['their-strategy', { POOLS: '[{"name":"a","shadow":{"strategy":"./no.mjs"}}]' }, /POOLS\[0\]\.shadow\.strategy: /],
    ['affinity', { MATCHING_OPTIONS: '{"flor":1}' }, /^Configuration: MATCHING_OPTIONS\.flor is not a known setting/],
  ])('does not start with %s and %j, and says in one line why', async (strategy, environment, why) => {
    const failed = run({ MATCHING_STRATEGY: strategy, ...environment });
    expect(await failed.exited).toBe(1);
    expect(failed.stderr).toMatch(why);
    expect(failed.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

async function enter(peer: StatelessPeer, args: Record<string, unknown> = {}): Promise<unknown> {
  const answer = rpcOf(await peer.call('enter_queue', args));
  return answer.result?.['structuredContent'];
}
