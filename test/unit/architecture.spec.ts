import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const CONFIG = '../../eslint.config.mjs';
const { LAYERS: layers } = (await import(CONFIG)) as { LAYERS: Readonly<Record<string, readonly string[]>> };

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => name.split(sep).join('/'));
const texts = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));

const imports: Import[] = files.flatMap((from) =>
  ts
    .preProcessFile(texts.get(from)!, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => {
      const to = relative(SRC, join(SRC, dirname(from), name))
        .split(sep)
        .join('/');
      const source = to.replace(/\.js$/, '.ts');
      return { from, to: texts.has(source) ? source : `${source}x` };
    }),
);

const folderOf = (file: string) => (file.includes('/') ? file.split('/')[0]! : '');

/** A way from a node back to itself, if there is one. */
function cycle(edges: readonly Import[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const to of next.get(node) ?? []) {
      const found = visit(to, [...path, node]);
      if (found) return found;
    }
    done.add(node);
    return undefined;
  };
  for (const node of next.keys()) {
    const found = visit(node, []);
    if (found) return found;
  }
  return undefined;
}

describe('the architecture', () => {
  it('is looked at whole', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(200);
    expect(imports.filter(({ to }) => !texts.has(to))).toEqual([]);
  });

  it('finds a cycle where there is one', () => {
    const edges = ['ab', 'bc', 'ca', 'cd'].map(([from, to]) => ({ from: from!, to: to! }));
    expect(cycle(edges)).toEqual(['a', 'b', 'c', 'a']);
    expect(cycle(edges.slice(0, 2))).toBeUndefined();
  });

  it('has a place for every folder', () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== '' && folder !== 'cli'));
    expect([...folders].filter((folder) => !(folder in layers))).toEqual([]);
  });

  it('points one way: a folder imports only what its layer may', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [folder, other] = [folderOf(from), folderOf(to)];
      return folder in layers && folder !== other && !layers[folder]!.includes(other);
    });
    expect(wrong).toEqual([]);
  });

  it('reaches a feature through its index.ts only', () => {
    const features = new Set(files.filter((file) => /^[^/]+\/index\.ts$/.test(file)).map(folderOf));
    const wrong = imports.filter(
      ({ from, to }) => features.has(folderOf(to)) && folderOf(from) !== folderOf(to) && !to.endsWith('/index.ts'),
    );
    expect(wrong).toEqual([]);
  });

  it('has no import cycle, between files or between folders', () => {
    expect(cycle(imports)).toBeUndefined();
    const between = imports
      .map(({ from, to }) => ({ from: folderOf(from), to: folderOf(to) }))
      .filter(({ from, to }) => from !== to && from !== '' && to !== '');
    expect(cycle(between)).toBeUndefined();
  });

  it('chooses adapters in one place', () => {
    // A kit for tests and a simulation are no service: they bring the memory adapter themselves.
    const others = imports.filter(({ from }) => !['adapters', 'testing', 'simulation'].includes(folderOf(from)));
    const choosers = others.filter(({ to }) => folderOf(to) === 'adapters').map(({ from }) => from);
    expect(new Set(choosers)).toEqual(new Set(['app.module.ts']));
  });

  it('keeps frameworks out of the domain and the ports', () => {
    const packages = files
      .filter((file) => ['domain', 'ports'].includes(folderOf(file)))
      .flatMap((file) => ts.preProcessFile(texts.get(file)!, true, true).importedFiles.map((found) => found.fileName))
      .filter((name) => !name.startsWith('.'));
    expect(packages).toEqual([]);
  });

  it('reads the environment in one place, and for the command-line clients in another', () => {
    const readers = files.filter((file) => texts.get(file)!.includes('process.env'));
    expect(new Set(readers)).toEqual(new Set(['app.module.ts', 'server.ts', 'cli/environment.ts']));
  });
});

describe('the library', () => {
  it('exports what it promises and nothing else', async () => {
    expect(Object.keys(await import('../../src/index.js')).sort()).toEqual(
      [
        'AffinityOptions',
        'AffinityStrategy',
        'AuditLog',
        'AuthService',
        'BestFirstEvaluator',
        'CaseStore',
        'ChatError',
        'Clock',
        'ConfigurationError',
        'FifoStrategy',
        'HistoryService',
        'HistoryStore',
        'IdentityVerifier',
        'Ids',
        'InstancesService',
        'MATCHING_API_VERSION',
        'MCP_PATH',
        'MatchingEngine',
        'MatchingStrategy',
        'McpRegistry',
        'MessageModerator',
        'ModerationService',
        'NotificationsService',
        'ParleyConfig',
        'ParleyModule',
        'PriorityOptions',
        'PriorityStrategy',
        'ProposalEvaluator',
        'QueueService',
        'RoomsService',
        'RpcError',
        'SkillStage',
        'SkillsOptions',
        'SkillsStrategy',
        'StateStore',
        'StrategyOptions',
        'WebhookStore',
        'fillGroup',
        'firstOf',
        'headcount',
        'loadConfig',
        'membersOf',
        'startServer',
        'subscribeSafely',
        'withAging',
        'withCooldown',
      ].sort(),
    );
  });

  it('exports for tests what it promises and nothing else', async () => {
    expect(Object.keys(await import('../../src/testing/index.js')).sort()).toEqual([
      'FakeClock',
      'MatchingBench',
      'MemoryEventPublisher',
      'SequentialIds',
      'StaticView',
      'crowdOf',
      'describeAuditLogContract',
      'describeCaseStoreContract',
      'describeEventPublisherContract',
      'describeHistoryStoreContract',
      'describeStateStoreContract',
      'describeStrategyContract',
      'describeWebhookStoreContract',
      'meet',
      'stateLimits',
      'ticketOf',
    ]);
  });

  it('names each export, so that none slips in', () => {
    for (const file of files.filter((name) => name.endsWith('index.ts'))) {
      expect([file, texts.get(file)!.includes('export *')]).toEqual([file, false]);
    }
  });
});
