import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exactly } from '../../src/domain/ticket.js';
import {
  type Arrival,
  formatArrival,
  readTrace,
  readTraceFile,
  TRACE_HEADER,
  TraceError,
} from '../../src/traces/index.js';

const HEADER = JSON.stringify(TRACE_HEADER);

const read = async (...lines: string[]): Promise<Arrival[]> => {
  const arrivals: Arrival[] = [];
  for await (const arrival of readTrace(lines)) arrivals.push(arrival);
  return arrivals;
};

const arriving = {
  provenance: fc.constantFrom('human' as const, 'agent' as const, 'human_via_agent' as const),
  attributes: fc.dictionary(
    fc.stringMatching(/^[a-z_]{1,10}$/),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 })),
    { maxKeys: 4, noNullPrototype: true },
  ),
};
const ms = fc.integer({ min: 1, max: 2 ** 40 });
const arrivals: fc.Arbitrary<Arrival> = fc.record(
  {
    at: fc.nat(),
    pool: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,9}$/),
    ...arriving,
    party: fc.array(fc.record(arriving), { maxLength: 2 }),
    criteria: fc.constantFrom(null, { attribute: 'level', min: 2 }, { any: [{ provenance: 'human' as const }] }),
    group: fc
      .tuple(fc.integer({ min: 2, max: 16 }), fc.integer({ min: 2, max: 16 }), fc.integer({ min: 1, max: 3 }), fc.nat())
      .map(([a, b, multiple, patienceMs]) => ({
        minimum: Math.min(a, b),
        maximum: Math.max(a, b),
        multiple,
        patienceMs,
      })),
    priority: fc.integer(),
    patienceMs: ms,
    talkMs: ms,
    person: fc.nat(),
  },
  { requiredKeys: ['at', 'pool', 'provenance', 'attributes', 'party', 'criteria', 'group', 'priority'] },
);

describe('a trace', () => {
  it('gives back each arrival as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arrivals, { maxLength: 5 }), async (list) => {
        const ordered = list.toSorted((a, b) => a.at - b.at);
        expect(await read(HEADER, ...ordered.map(formatArrival))).toEqual(ordered);
      }),
    );
  });

  it('says only what is not as usual', () => {
    const usual: Arrival = {
      at: 7,
      pool: 'default',
      provenance: 'human',
      attributes: {},
      party: [],
      criteria: null,
      group: exactly(2),
      priority: 0,
    };
    expect(formatArrival(usual)).toBe('{"at_ms":7,"pool":"default"}');
  });

  it('goes on in time where a later recording begins', async () => {
    const list = await read(
      HEADER,
      '{"at_ms":0,"pool":"a"}',
      '{"at_ms":500,"pool":"a"}',
      '',
      HEADER,
      '{"at_ms":0,"pool":"a"}',
      '{"at_ms":20,"pool":"a"}',
    );
    expect(list.map(({ at }) => at)).toEqual([0, 500, 500, 520]);
  });

  it.each([
    [[], 'is empty'],
    [['{"at_ms":0,"pool":"a"}'], 'line 1: the first line must be'],
    [['{"format":"parley-trace","version":2}'], 'line 1: version must be 1'],
    [[HEADER, 'nonsense'], 'line 2: must be JSON'],
    [[HEADER, '{"pool":"a"}'], 'line 2: at_ms is required'],
    [[HEADER, '{"at_ms":1.5,"pool":"a"}'], 'line 2: at_ms must be integer'],
    [[HEADER, '{"at_ms":-1,"pool":"a"}'], 'line 2: at_ms must be >= 0'],
    [[HEADER, '{"at_ms":0,"pool":"A!"}'], 'line 2: pool must match pattern'],
    [[HEADER, '{"at_ms":0,"pool":"a","name":"Ann"}'], 'line 2: name is not known'],
    [[HEADER, '', '{"at_ms":0,"pool":"a","party":[{"id":1}]}'], 'line 3: party.0.id is not known'],
    [[HEADER, '{"at_ms":0,"pool":"a","provenance":"ghost"}'], 'line 2: provenance must be one of human, agent'],
    [[HEADER, '{"at_ms":0,"pool":"a","group":{"minimum":2,"maximum":20}}'], 'line 2: group.maximum must be <= 16'],
    [[HEADER, '{"at_ms":0,"pool":"a","group":{"minimum":4,"maximum":3}}'], 'line 2: group.minimum must not be above'],
    [
      [HEADER, '{"at_ms":0,"pool":"a","criteria":{"all":[{"attribute":"x","min":"1"}]}}'],
      'line 2: criteria.all[0].min',
    ],
    [[HEADER, '{"at_ms":9,"pool":"a"}', '{"at_ms":8,"pool":"a"}'], 'line 3: at_ms must not be less'],
  ])('is refused with the line and the rule: %j', async (lines, message) => {
    const reading = read(...lines);
    await expect(reading).rejects.toThrow(TraceError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('a trace file', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'parley-trace-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const readFile = async (file: string) => {
    const list: Arrival[] = [];
    for await (const arrival of readTraceFile(file)) list.push(arrival);
    return list;
  };

  it('is read line by line, whatever ends its lines', async () => {
    const file = join(folder, 'good.jsonl');
    writeFileSync(file, `${HEADER}\r\n{"at_ms":1,"pool":"a"}\r\n{"at_ms":2,"pool":"b"}`);
    expect((await readFile(file)).map(({ at, pool }) => [at, pool])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  it('is named when it is wrong or not there', async () => {
    const file = join(folder, 'bad.jsonl');
    writeFileSync(file, `${HEADER}\n{}\n`);
    await expect(readFile(file)).rejects.toThrow(`${file}: line 2: at_ms is required`);
    await expect(readFile(join(folder, 'none'))).rejects.toThrow(/none cannot be read: ENOENT/);
    await expect(readFile(folder)).rejects.toThrow(/cannot be read: EISDIR/);
  });
});
