import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  BestFirstEvaluator,
  MatchingEngine,
  type MatchContext,
  type MatchingStrategy,
  MCP_PATH,
  ParleyModule,
  type Proposal,
  StrategyOptions,
} from '../../src/index.js';
import { rpcOf, StatelessPeer } from './http/wire.js';

/** What the host application knows only when it starts. */
@Injectable()
class Vault {
  readonly environment = Promise.resolve({
    LOG_LEVEL: 'error',
    TOOL_PREFIX: 'host_',
    POOLS: JSON.stringify([
      { name: 'newest', strategy: 'newest-first', options: {} },
      { name: 'plain', strategy: 'fifo' },
    ]),
  });
}

@Module({ providers: [Vault], exports: [Vault] })
class VaultModule {}

@Injectable()
class Greeting {
  readonly text = 'Nice to meet you';
}

@Module({ providers: [Greeting], exports: [Greeting] })
class GreetingModule {}

class GreetingOptions {}

@Injectable()
class NewestFirst implements MatchingStrategy {
  static readonly Options = GreetingOptions;
  readonly name = 'newest-first';

  constructor(
    private readonly greeting: Greeting,
    @Inject(StrategyOptions) readonly options: GreetingOptions,
  ) {}

  propose(context: MatchContext): Proposal[] {
    const { subject } = context;
    const newest = [...context.waiting()].reverse().find(({ id }) => id !== subject.id);
    const reasons = [{ code: 'greeting', text: this.greeting.text }];
    return newest ? [{ tickets: [newest.id, subject.id], score: 1, reasons }] : [];
  }
}

class CountingEvaluator extends BestFirstEvaluator {
  static evaluated = 0;

  override evaluate(...args: Parameters<BestFirstEvaluator['evaluate']>) {
    CountingEvaluator.evaluated++;
    return super.evaluate(...args);
  }
}

describe('a host application', () => {
  let app: NestFastifyApplication;
  let url: URL;

  beforeEach(async () => {
    const parley = ParleyModule.registerAsync({
      imports: [VaultModule],
      inject: [Vault],
      useFactory: async (vault: Vault) => ({ environment: await vault.environment }),
      strategies: { 'newest-first': { useClass: NewestFirst, imports: [GreetingModule] } },
      evaluator: { useClass: CountingEvaluator },
    });
    @Module({ imports: [parley] })
    class HostModule {}
    const adapter = new FastifyAdapter({ forceCloseConnections: true, return503OnClosing: false });
    app = await NestFactory.create<NestFastifyApplication>(HostModule, adapter, { logger: false, bodyParser: false });
    await app.listen(0, '127.0.0.1');
    url = new URL(MCP_PATH, await app.getUrl());
  });
  afterEach(() => app.close());

  const enter = async (pool: string, display_name: string) => {
    const answer = await new StatelessPeer(url).call('host_enter_queue', { pool, display_name });
    return rpcOf(answer).result?.['structuredContent'] as Record<string, unknown>;
  };

  it('says when it starts what the service is like, and brings strategies and an evaluator of its own', async () => {
    for (const pool of ['newest', 'plain']) expect(await enter(pool, 'Ann')).toMatchObject({ status: 'waiting' });
    expect(await enter('newest', 'Ben')).toMatchObject({
      status: 'matched',
      partner: { display_name: 'Ann' },
      reasons: [{ code: 'greeting', text: 'Nice to meet you' }],
    });
    expect(await enter('plain', 'Ben')).toMatchObject({ status: 'matched', partner: { display_name: 'Ann' } });
    expect(CountingEvaluator.evaluated).toBe(1);
  });

  it('can read what the engine decided', async () => {
    await enter('newest', 'Ann');
    await enter('newest', 'Ben');
    const engine = app.get(MatchingEngine, { strict: false });
    expect(engine.decisions(1)).toMatchObject([{ pool: 'newest', strategy: 'newest-first', score: 1 }]);
    expect(engine.statistics().map(({ pool }) => pool)).toEqual(['default', 'newest', 'plain']);
  });
});
