import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Summary } from '../../src/simulation/index.js';
import { enter, StatelessPeer } from '../e2e/http/wire.js';
import { ServiceProcess } from './service.js';

const STRATEGY = `
export default class LastInFirstOut {
  static apiVersion = '1.0';
  name = 'last-in-first-out';
  *propose(context) {
    const others = [...context.waiting()].filter(({ id }) => id !== context.subject.id).reverse();
    for (const other of others) {
      if (context.complete([other, context.subject]) && context.compatible([other, context.subject])) {
        yield { tickets: [other.id, context.subject.id] };
      }
    }
  }
}`;

describe('parley simulate', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'parley-simulate-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const simulate = async (...args: string[]) => {
    const command = ServiceProcess.run({}, 'dist/cli/parley.js', 'simulate', ...args);
    return { code: await command.exited, stdout: command.stdout, stderr: command.stderr };
  };
  const CHARTS = ['fairness.svg', 'quality.svg', 'unmatched.svg', 'wait.svg', 'waiting.svg'];

  it('makes up a day, tries every built-in strategy on it, prints a table and draws charts', async () => {
    const out = join(folder, 'made');
    const { code, stdout, stderr } = await simulate('--arrivals', '500', '--out', out);
    expect([code, stderr]).toEqual([0, '']);
    const rows = stdout.split('\n').slice(2, 6);
    expect(rows.map((row) => row.split(' ')[0])).toEqual(['fifo', 'priority', 'affinity', 'skills']);
    expect(readdirSync(out).sort()).toEqual([...CHARTS, 'trace.jsonl'].sort());
    for (const chart of CHARTS) expect(readFileSync(join(out, chart), 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
  });

  it('replays what it made up, with the same numbers, as JSON', async () => {
    const made = join(folder, 'day');
    const flags = ['--seed', '7', '--strategies', 'fifo,affinity', '--json'];
    const first = await simulate('--generate', '6', '--arrivals', '400', '--out', made, ...flags);
    const trace = join(made, 'trace.jsonl');
    const second = await simulate('--trace', trace, '--out', join(folder, 'again'), ...flags);
    const numbers = ({ stdout }: { stdout: string }) =>
      (JSON.parse(stdout) as { summaries: Summary[] }).summaries.map((summary) => ({ ...summary, tookMs: 0 }));
    expect(numbers(second)).toEqual(numbers(first));
    expect(numbers(first).map(({ arrivals }) => arrivals)).toEqual([400, 400]);
    expect(readFileSync(join(folder, 'again', 'wait.svg'), 'utf8')).toBe(readFileSync(join(made, 'wait.svg'), 'utf8'));
  });

  it("tries somebody's own strategy from a file", async () => {
    const file = join(folder, 'last-in.mjs');
    writeFileSync(file, STRATEGY);
    const flags = ['--arrivals', '300', '--generate', '1', '--strategies', `fifo,${file}`, '--json'];
    const { code, stdout } = await simulate(...flags, '--out', join(folder, 'own'));
    const { summaries } = JSON.parse(stdout) as { summaries: Summary[] };
    expect(code).toBe(0);
    expect(summaries.map(({ strategy, failures }) => [strategy, failures])).toEqual([
      ['fifo', 0],
      ['last-in.mjs', 0],
    ]);
    expect(summaries.every(({ matched }) => matched > 200)).toBe(true);
  });

  it('replays what a service recorded until it was stopped', async () => {
    const file = join(folder, 'recorded.jsonl');
    const service = await ServiceProcess.start({ TRACE_FILE: file, TRACE_ATTRIBUTES: 'languages' });
    const peers = ['Ann Miller', 'Bob'].map((display_name) =>
      enter(new StatelessPeer(service.url), { display_name, attributes: { languages: ['de'], city: 'Berlin' } }),
    );
    await Promise.all(peers);
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);

    const recorded = readFileSync(file, 'utf8');
    expect(recorded).not.toMatch(/Ann|Bob|Berlin|city|id"/);
    expect(recorded.trimEnd().split('\n')).toHaveLength(3);
    const flags = ['--strategies', 'fifo', '--json', '--out', join(folder, 'replayed')];
    const { stdout } = await simulate('--trace', file, ...flags);
    const { summaries } = JSON.parse(stdout) as { summaries: Summary[] };
    expect(summaries[0]).toMatchObject({ arrivals: 2, matched: 2, rooms: 1 });
    expect(summaries[0]!.fairness.groups).toEqual([expect.objectContaining({ name: 'de', arrivals: 2 })]);
  });

  it('says how it is used', async () => {
    const { code, stdout } = await simulate('--help');
    expect(code).toBe(0);
    for (const flag of ['--trace', '--generate', '--strategies', '--seed', '--out', '--json'])
      expect(stdout).toContain(flag);
  });

  it('refuses a flag it does not know with code 2, and a trace that is wrong with code 1', async () => {
    const flag = await simulate('--nonsense');
    expect([flag.code, flag.stdout]).toEqual([2, '']);
    expect(flag.stderr).toBe("parley simulate: Unknown option '--nonsense'\nSee parley simulate --help\n");
    const file = join(folder, 'bad.jsonl');
    writeFileSync(file, '{"format":"parley-trace","version":1}\n{"at_ms":"soon","pool":"default"}\n');
    const trace = await simulate('--trace', file);
    expect([trace.code, trace.stdout]).toEqual([1, '']);
    expect(trace.stderr).toBe(`parley simulate: Trace: ${file}: line 2: at_ms must be integer\n`);
  });
});
