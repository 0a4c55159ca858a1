import { Inject, Injectable, Optional } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { ParleyConfig, type StrategySetting } from '../../config/index.js';
import { InProcessRunner } from '../engine/in-process.runner.js';
import { WorkerRunner } from '../isolation/worker.runner.js';
import { MatchingStrategy, type StrategyClass } from '../matching-strategy.js';
import { AffinityStrategy, FifoStrategy, PriorityStrategy, SkillsStrategy } from '../strategies/index.js';
import type { StrategyLoader } from '../strategy-loader.js';
import type { StrategyRunner } from '../strategy-runner.js';
import { called, strategyOptions } from './strategy-options.js';
import { createdStrategy, strategyModule } from './strategy-module.js';
import { HostStrategies, type StrategyProvider } from './strategy-provider.js';

const BUILT_IN: ReadonlyMap<string, StrategyProvider> = new Map([
  ['fifo', { useClass: FifoStrategy }],
  ['priority', { useClass: PriorityStrategy }],
  ['affinity', { useClass: AffinityStrategy }],
  ['skills', { useClass: SkillsStrategy }],
]);

/** Without a service around, as in a simulation. */
const DEFAULTS = { strategyBudgetMs: 50 };

/**
 * Finds a strategy by its name: the host application's own (else FIFO) for the empty name, then those it names, then the
 * built-in ones. Anything else is a package or a file, looked for from the working directory, and runs in a thread of its own.
 */
@Injectable()
export class DefaultStrategyLoader implements StrategyLoader {
  constructor(
    private readonly modules: LazyModuleLoader,
    @Optional() @Inject(ParleyConfig) private readonly config: Pick<ParleyConfig, 'strategyBudgetMs'> = DEFAULTS,
    @Optional() @Inject(HostStrategies) private readonly host: HostStrategies = { named: {} },
  ) {}

  async load(setting: StrategySetting): Promise<StrategyRunner> {
    const provider = this.#known(setting.strategy);
    return provider ? this.#create(provider, setting) : WorkerRunner.start(setting, this.config.strategyBudgetMs);
  }

  #known(name: string): StrategyProvider | undefined {
    if (name === '') return this.host.own ?? BUILT_IN.get('fifo');
    return Object.hasOwn(this.host.named, name) ? this.host.named[name] : BUILT_IN.get(name);
  }

  async #create(provider: StrategyProvider, setting: StrategySetting): Promise<StrategyRunner> {
    const type: StrategyClass | undefined = 'useClass' in provider ? provider.useClass : undefined;
    const options = strategyOptions(type?.Options, setting);
    const imports = [...(provider.imports ?? []), ...(type?.imports ?? [])];
    const strategy = await createdStrategy(async () => {
      const module = strategyModule({ ...provider, imports }, options);
      const created = await this.modules.load(() => module, { logger: false });
      return created.get<unknown>(MatchingStrategy);
    }, called(setting));
    return new InProcessRunner(strategy);
  }
}
