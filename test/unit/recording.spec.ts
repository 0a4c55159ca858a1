import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { ConfigurationError, loadConfig } from '../../src/config/index.js';
import { type Criterion, satisfies } from '../../src/domain/criteria.js';
import type { Ticket } from '../../src/domain/ticket.js';
import type { QueueService } from '../../src/queue/index.js';
import { TraceRecorder } from '../../src/recording/index.js';
import { withoutPersonalData } from '../../src/recording/without-personal-data.js';
import { ticketOf } from '../../src/testing/index.js';
import { type Arrival, readTraceFile } from '../../src/traces/index.js';
import { settled } from '../support/fakes.js';

Logger.overrideLogger(false);

/** Everything about somebody that must not be found in a trace. */
const SECRETS = [
  'Ann Miller',
  'participant-1',
  'principal-1',
  'ticket-1',
  'Berlin',
  'Mia',
  'participant-2',
  'ann@x.test',
];
const ticket: Ticket = ticketOf('participant-1', {
  id: 'ticket-1',
  principal: 'principal-1',
  displayName: 'Ann Miller',
  attributes: { city: 'Berlin', languages: ['de', 'en'], email: 'ann@x.test' },
  party: [{ ...ticketOf('participant-2'), displayName: 'Mia', attributes: { city: 'Berlin', languages: ['de'] } }],
  criteria: {
    all: [
      { attribute: 'city', equals: 'Berlin' },
      { attribute: 'languages', in: ['de'] },
    ],
  },
  priority: 3,
  avoid: ['participant-9'],
});

describe('a recording', () => {
  let folder: string;
  let file: string;
  const recorders: TraceRecorder[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-recording-'));
    file = join(folder, 'trace.jsonl');
  });
  afterEach(async () => {
    await Promise.all(recorders.splice(0).map((recorder) => recorder.onModuleDestroy()));
    rmSync(folder, { recursive: true });
  });

  function record(environment: Record<string, string>) {
    const arrivals = new Subject<{ at: number; ticket: Ticket }>();
    const recorder = new TraceRecorder(loadConfig(environment), { arrivals } as unknown as QueueService);
    recorders.push(recorder);
    recorder.onModuleInit();
    return { arrivals, end: () => recorder.onModuleDestroy() };
  }
  const read = async () => {
    const list: Arrival[] = [];
    for await (const arrival of readTraceFile(file)) list.push(arrival);
    return list;
  };

  it('holds who arrived when and with what of the listed attributes, and nothing that says who it was', async () => {
    const { arrivals, end } = record({ TRACE_FILE: file, TRACE_ATTRIBUTES: 'languages,level' });
    arrivals.next({ at: 1_700_000_000_000, ticket });
    arrivals.next({ at: 1_700_000_004_200, ticket: ticketOf('participant-2', { displayName: 'Mia' }) });
    await end();

    expect(await read()).toEqual([
      {
        at: 0,
        pool: 'default',
        provenance: 'human_via_agent',
        attributes: { languages: ['de', 'en'] },
        party: [{ provenance: 'human_via_agent', attributes: { languages: ['de'] } }],
        criteria: { all: [{ attribute: 'languages', in: ['de'] }] },
        group: { minimum: 2, maximum: 2, multiple: 1, patienceMs: 0 },
        priority: 3,
      },
      expect.objectContaining({ at: 4_200, attributes: {}, party: [], criteria: null }),
    ]);
    const text = readFileSync(file, 'utf8');
    expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toContain('17000000');
  });

  it('goes on behind what the file holds already, and only the owner may read it', async () => {
    for (const at of [5, 1_000]) {
      const { arrivals, end } = record({ TRACE_FILE: file });
      arrivals.next({ at, ticket });
      arrivals.next({ at: at + 7, ticket });
      await end();
    }
    expect((await read()).map(({ at }) => at)).toEqual([0, 7, 7, 14]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never goes back in time, when the clock does', async () => {
    const { arrivals, end } = record({ TRACE_FILE: file });
    for (const at of [100, 300, 200]) arrivals.next({ at, ticket });
    await end();
    expect((await read()).map(({ at }) => at)).toEqual([0, 200, 200]);
  });

  it('ends when the file is full', async () => {
    writeFileSync(file, '');
    truncateSync(file, 512 * 1_048_576);
    const { arrivals, end } = record({ TRACE_FILE: file });
    arrivals.next({ at: 1, ticket });
    await settled();
    expect(arrivals.observed).toBe(false);
    await end();
    expect(statSync(file).size).toBeLessThan(512 * 1_048_576 + 200);
  });

  it('is not made unless a file is named', () => {
    expect(record({ TRACE_ATTRIBUTES: 'languages' }).arrivals.observed).toBe(false);
  });

  it('stops the start when the file cannot be written', () => {
    const nowhere = () => record({ TRACE_FILE: join(folder, 'none', 'trace.jsonl') });
    expect(nowhere).toThrow(ConfigurationError);
    expect(nowhere).toThrow('TRACE_FILE cannot be written: ENOENT');
    recorders.length = 0;
  });
});

describe('criteria in a recording', () => {
  const attribute = fc.constantFrom('listed', 'secret');
  const leaf: fc.Arbitrary<Criterion> = fc.oneof(
    fc.record({ attribute, equals: fc.constantFrom(1, 2) }),
    fc.record({ provenance: fc.constantFrom('human' as const, 'agent' as const) }),
  );
  const { tree } = fc.letrec<{ tree: Criterion }>((tie) => {
    const some = fc.array(tie('tree'), { minLength: 1, maxLength: 3 });
    return {
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        some.map((all) => ({ all })),
        some.map((any) => ({ any })),
        some.map((none) => ({ none })),
      ),
    };
  });

  it('name listed attributes only, and let in everybody whom the whole lets in', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2, 3), (criteria, listed, secret) => {
        const kept = withoutPersonalData(ticketOf('ann', { criteria }), 0, new Set(['listed'])).criteria;
        expect(JSON.stringify(kept)).not.toContain('secret');
        const candidate = { provenance: 'human' as const, attributes: { listed, secret } };
        if (satisfies(criteria, candidate)) expect(satisfies(kept, candidate)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
