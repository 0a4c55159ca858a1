import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { simulate, SIMULATE_USAGE, simulationFailure } from '../../../src/cli/simulate.js';

describe('the command line of a simulation', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'parley-simulate-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const failure = async (...args: string[]) =>
    simulationFailure(
      await simulate(args).then(
        () => 'none',
        (error: unknown) => error,
      ),
    );

  it.each([
    [['extra'], "Unexpected argument 'extra'"],
    [['--seed', '--json'], "Option '--seed' argument is ambiguous\n"],
    [['--seed=-1'], '--seed must be a whole number from 0'],
    [['--seed', '-1'], "Option '--seed' argument is ambiguous\n"],
    [['--arrivals', '0'], '--arrivals must be a whole number from 1 to 1000000'],
    [['--generate', '1.5'], '--generate must be a whole number from 1 to 168'],
    [['--pool', 'No Name'], '--pool must be the name of a pool'],
    [['--trace', 'x', '--generate', '2'], '--trace does not go with --generate'],
    [['--strategies', 'fifo,,skills'], '--strategies must be names separated by commas'],
    [['--options', '{'], '--options must be a JSON object of objects'],
    [['--options', '{"fifo":1}'], '--options must be a JSON object of objects'],
    [['--options', '{"fifa":{}}'], '--options names "fifa", --strategies does not'],
    [['--options', '{"affinity":{"floor":7}}', '--strategies', 'affinity'], '--options.affinity.floor must be'],
  ])('is refused, by flag and rule: %j', async (args, message) => {
    expect(await failure(...args, '--out', folder)).toMatchObject({ code: 2 });
    expect((await failure(...args, '--out', folder))?.message).toContain(message);
  });

  it('is told of a trace in which nobody arrives, and of a folder that cannot be written', async () => {
    const file = join(folder, 'trace.jsonl');
    writeFileSync(file, '{"format":"parley-trace","version":1}\n{"at_ms":0,"pool":"default"}\n');
    const flags = ['--trace', file, '--strategies', 'fifo'];
    expect(await failure(...flags, '--pool', 'mentors')).toEqual({ code: 1, message: 'Trace: nobody arrives' });
    expect(await failure(...flags, '--out', file)).toEqual({
      code: 1,
      message: `${file} cannot be written: EEXIST`,
    });
  });

  it('leaves alone what nobody foresaw', () => {
    expect(simulationFailure(new Error('a fault'))).toBeUndefined();
  });
});

describe('the page about simulations', () => {
  const docs = new URL('../../../docs/', import.meta.url);
  const page = readFileSync(new URL('simulation.md', docs), 'utf8');

  it('explains every flag', () => {
    const flags = SIMULATE_USAGE.match(/^ {2}--[a-z]+/gm)!.map((flag) => flag.trim());
    expect(flags.length).toBeGreaterThan(12);
    expect(flags.filter((flag) => flag !== '--help' && !page.includes(`\`${flag}`))).toEqual([]);
  });

  it('shows charts that are there', () => {
    const images = [...page.matchAll(/\]\((images\/[^)]+)\)/g)].map(([, path]) => path!);
    expect(images.length).toBeGreaterThan(5);
    expect(images.filter((path) => !existsSync(new URL(path, docs)))).toEqual([]);
  });
});
