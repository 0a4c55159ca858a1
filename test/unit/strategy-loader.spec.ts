import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsInt, Max, Min } from 'class-validator';
import { ConfigurationError, loadConfig, ParleyConfig } from '../../src/config/index.js';
import { InProcessRunner } from '../../src/matching/engine/in-process.runner.js';
import {
  BestFirstEvaluator,
  MatchingEngine,
  MatchingModule,
  type MatchingOptions,
  type MatchingStrategy,
  type Proposal,
  StrategyLoader,
  StrategyOptions,
} from '../../src/matching/index.js';
import { foreignClass } from '../../src/matching/loading/foreign-class.js';
import { WorkerRunner } from '../../src/matching/isolation/worker.runner.js';
import type { StrategyRunner } from '../../src/matching/strategy-runner.js';
import { Clock } from '../../src/ports/clock.js';
import { Ids } from '../../src/ports/ids.js';
import { FakeClock, SequentialIds, ticketOf } from '../../src/testing/index.js';
import { Waiting } from '../support/waiting.js';

class FloorOptions {
  @IsInt({ message: 'must be a whole number' }) @Min(0) @Max(9) floor = 2;
}

/** Proposes nothing but what it was made with. */
@Injectable()
class FloorStrategy implements MatchingStrategy {
  static readonly Options = FloorOptions;
  readonly name = 'floor';

  constructor(@Inject(StrategyOptions) readonly options: FloorOptions) {}

  propose(): Proposal[] {
    return [{ tickets: [], score: this.options.floor }];
  }
}

@Injectable()
class Directory {
  readonly floor: number = 7;
}

@Module({ providers: [Directory], exports: [Directory] })
class DirectoryModule {}

@Injectable()
class DirectoryStrategy implements MatchingStrategy {
  readonly name = 'directory';

  constructor(readonly directory: Directory) {}

  propose(): Proposal[] {
    return [{ tickets: [], score: this.directory.floor }];
  }
}

@Module({ imports: [DirectoryModule], providers: [DirectoryStrategy], exports: [DirectoryStrategy] })
class HostModule {}

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** A matching module in an application that has what it needs. */
async function application(options: MatchingOptions = {}, environment: Record<string, string> = {}) {
  @Module({
    providers: [
      { provide: ParleyConfig, useFactory: () => loadConfig(environment) },
      { provide: Clock, useClass: FakeClock },
      { provide: Ids, useClass: SequentialIds },
    ],
    exports: [ParleyConfig, Clock, Ids],
  })
  class Core {}
  const core = { module: Core, global: true };
  @Module({ imports: [core, MatchingModule.register(options)] })
  class Root {}
  const context = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  closing.push(() => context.close());
  return context;
}

async function load(strategy: string, given: Record<string, unknown> = {}, host: MatchingOptions = {}) {
  const context = await application(host);
  const labels = { strategy: 'POOLS[1].strategy', options: 'POOLS[1].options' };
  const runner = await context
    .get<StrategyLoader>(StrategyLoader, { strict: false })
    .load({ strategy, options: given, labels });
  closing.push(async () => runner.close());
  return runner;
}

async function failure(...args: Parameters<typeof load>): Promise<string> {
  const error: unknown = await load(...args).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ConfigurationError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
}

/** The score of the first proposal, by which the strategies here tell what they were made with. */
async function scoreOf(runner: StrategyRunner): Promise<number | undefined> {
  const subject = ticketOf('Ann');
  const run = { trigger: 'enqueue' as const, subject, view: new Waiting([subject]), now: 0, seed: 1 };
  const [first] = await runner.propose({ ...run, cooldownMs: 0, budgetMs: 1_000 }, { spentMs: 0 });
  return first?.score;
}

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/strategies/${name}`, import.meta.url));

describe('a strategy by its name', () => {
  it.each(['fifo', 'priority', 'affinity', 'skills'])('is built in: %s', async (name) => {
    const runner = await load(name);
    expect(runner).toBeInstanceOf(InProcessRunner);
    expect(runner.name).toBe(name);
  });

  it('is fifo when none is named', async () => {
    expect((await load('')).name).toBe('fifo');
  });

  it('is the application’s own when none is named and there is one', async () => {
    const runner = await load('', { floor: 5 }, { matching: { useClass: FloorStrategy } });
    expect(await scoreOf(runner)).toBe(5);
  });

  it('may be given by the application, even the name of a built-in one', async () => {
    const runner = await load('fifo', {}, { strategies: { fifo: { useClass: FloorStrategy } } });
    expect(runner.name).toBe('floor');
  });

  it('is nothing that every object has', async () => {
    expect(await failure('constructor')).toMatch(/^POOLS\[1\]\.strategy: "constructor" cannot be loaded: /);
  });
});

describe('a strategy of the application', () => {
  it('gets what its imports export', async () => {
    const matching = { useClass: DirectoryStrategy, imports: [DirectoryModule] };
    expect(await scoreOf(await load('', {}, { matching }))).toBe(7);
  });

  it('may be one that exists', async () => {
    const matching = { useExisting: DirectoryStrategy, imports: [HostModule] };
    expect(await scoreOf(await load('', {}, { matching }))).toBe(7);
  });

  it('may come from a factory, also one that takes its time', async () => {
    const useFactory = async ({ floor }: Directory) =>
      new DirectoryStrategy(Object.assign(new Directory(), { floor: floor + 1 }));
    const matching = { useFactory, inject: [Directory], imports: [DirectoryModule] };
    expect(await scoreOf(await load('', {}, { matching }))).toBe(8);
  });

  it('is another instance for each pool, with that pool’s options', async () => {
    const context = await application({ matching: { useClass: FloorStrategy } });
    const loader = context.get<StrategyLoader>(StrategyLoader, { strict: false });
    const [one, other] = [
      await loader.load({ strategy: '', options: { floor: 1 } }),
      await loader.load({ strategy: '', options: {} }),
    ];
    expect([await scoreOf(one), await scoreOf(other)]).toEqual([1, 2]);
  });

  it('is refused when it cannot be created or is none', async () => {
    const strategies = {
      needy: { useClass: DirectoryStrategy },
      unable: { useFactory: () => ({ name: 'unable' }) as unknown as MatchingStrategy },
      nameless: { useFactory: () => ({ propose: () => [] }) as unknown as MatchingStrategy },
      nothing: { useFactory: () => undefined as unknown as MatchingStrategy },
    };
    const refusal = (name: string) => failure(name, {}, { strategies });
    expect(await refusal('needy')).toMatch(/^POOLS\[1\]\.strategy: "needy" cannot be created: .*DirectoryStrategy/);
    expect(await refusal('unable')).toBe('POOLS[1].strategy: "unable" has no method "propose"');
    expect(await refusal('nameless')).toBe('POOLS[1].strategy: "nameless" has no name');
    expect(await refusal('nothing')).toBe('POOLS[1].strategy: "nothing" has no method "propose"');
  });
});

describe('the options of a strategy', () => {
  const matching = { useClass: FloorStrategy };

  it.each<[Record<string, unknown>, string]>([
    [{ floor: '5' }, 'POOLS[1].options.floor must be a whole number'],
    [{ floor: 10 }, 'POOLS[1].options.floor must not be greater than 9'],
    [{ floor: null }, 'POOLS[1].options.floor must be a whole number'],
    [{ flor: 5 }, 'POOLS[1].options.flor is not a known setting'],
  ])('are refused by path and rule: %j', async (options, message) => {
    expect(await failure('', options, { matching })).toBe(message);
  });

  it('are frozen instances of its own class, with its defaults', async () => {
    let seen: unknown;
    class Looking extends FloorStrategy {
      constructor(@Inject(StrategyOptions) options: FloorOptions) {
        super(options);
        seen = options;
      }
    }
    await load('', {}, { matching: { useClass: Looking } });
    expect(seen).toBeInstanceOf(FloorOptions);
    expect(seen).toEqual({ floor: 2 });
    expect(Object.isFrozen(seen)).toBe(true);
  });

  it('must be left out where a strategy takes none', async () => {
    const message = 'POOLS[1].options must be left out: "fifo" takes no options';
    expect(await failure('fifo', { floor: 1 })).toBe(message);
  });
});

describe('a strategy of a package or file', () => {
  it('is loaded from ES modules, CommonJS modules and file addresses, and runs in a thread of its own', async () => {
    const names = [
      fixture('common.cjs'),
      new URL('../fixtures/strategies/greedy.mjs', import.meta.url).href,
      // Relative to the working directory.
      './test/fixtures/strategies/greedy.mjs',
    ];
    const runners = await Promise.all(names.map((name) => load(name)));
    expect(runners.map(({ name }) => name)).toEqual(['common', 'greedy', 'greedy']);
    expect(runners.every((runner) => runner instanceof WorkerRunner)).toBe(true);
  });

  it.each([
    ['old.mjs', 'was written for version 0.9 of the matching interface, this is 1.0.0'],
    ['no-propose.mjs', 'has no method "propose"'],
    ['throws.mjs', 'cannot be loaded: no licence'],
    ['imports-nothing.mjs', "cannot be loaded: Cannot find package 'a-package-that-is-not-there'"],
    ['exits.mjs', 'ended its thread'],
  ])('is refused in one line that says why: %s', async (name, why) => {
    const file = fixture(`broken/${name}`);
    expect(await failure(file)).toBe(`POOLS[1].strategy: ${JSON.stringify(file)} ${why}`);
  });

  it('is refused when it needs what nobody provides', async () => {
    expect(await failure(fixture('broken/needy.mjs'))).toMatch(/cannot be created: .*NeedyStrategy/);
  });

  it('is refused when it is not there', async () => {
    const name = 'a-package-that-is-not-there';
    const message = `POOLS[1].strategy: "${name}" cannot be loaded: Cannot find package '${name}'`;
    expect(await failure(name)).toBe(message);
  });

  it('has its options checked there', async () => {
    expect(await failure(fixture('measured.mjs'), { floor: 77, roof: 1 })).toBe(
      'POOLS[1].options.roof is not a known setting; POOLS[1].options.floor must not be greater than 9',
    );
  });
});

describe('what a module exports', () => {
  class One {
    static readonly apiVersion: unknown = '1.0';
    propose() {}
  }
  class Other extends One {}
  const nothing = 'X exports no strategy, a class with a method "propose"';
  const version = (apiVersion: unknown) => {
    class Versioned extends One {
      static override readonly apiVersion = apiVersion;
    }
    return { default: Versioned };
  };

  it.each([
    [{ default: One, Other }],
    [{ One, helper: () => 0, answer: 42, nothing: null }],
    [{ One, default: { One } }],
    [{ default: { default: One, Other } }],
    [{ One, Same: One }],
  ])('is a strategy: %o', (exports) => {
    expect(foreignClass(exports, 'X')).toBe(One);
  });

  it.each([
    [{}, nothing],
    [{ default: { name: 'instance', propose: () => [] } }, nothing],
    [{ default: () => [], other: class {} }, nothing],
    [{ One, Other }, 'X exports several strategies (One, Other); one must be its default export'],
    [version(undefined), "X states no apiVersion, e.g. static readonly apiVersion = '1.0'"],
    ...['2.0', '1.1', '0.9', '1', 'latest', '1.0.0-beta', 1, ''].map((apiVersion): [object, string] => [
      version(apiVersion),
      `X was written for version ${apiVersion} of the matching interface, this is 1.0.0`,
    ]),
  ])('is none that can be used: %o', (exports, message) => {
    expect(() => foreignClass(exports as Readonly<Record<string, unknown>>, 'X')).toThrow(
      new ConfigurationError(message),
    );
  });
});

describe('the matching module', () => {
  it('does not start with a strategy that cannot be loaded', async () => {
    await expect(application({}, { MATCHING_STRATEGY: './not-there.mjs' })).rejects.toThrow(
      /^MATCHING_STRATEGY: "\.\/not-there\.mjs" cannot be loaded/,
    );
  });

  it('may have another evaluator', async () => {
    const seen: number[] = [];
    const evaluator = {
      useFactory: ({ floor }: Directory) => {
        seen.push(floor);
        return new BestFirstEvaluator();
      },
      inject: [Directory],
      imports: [DirectoryModule],
    };
    const context = await application({ evaluator });
    expect(context.get(MatchingEngine, { strict: false })).toBeInstanceOf(MatchingEngine);
    expect(seen).toEqual([7]);
  });
});
