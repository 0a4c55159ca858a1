import { parentPort, workerData } from 'node:worker_threads';
import { NestFactory } from '@nestjs/core';
import type { StrategySetting } from '../../config/index.js';
import type { Reason } from '../../domain/ticket.js';
import { InProcessRunner } from '../engine/in-process.runner.js';
import { foreignClass } from '../loading/foreign-class.js';
import { createdStrategy, firstLine, strategyModule } from '../loading/strategy-module.js';
import { called, strategyOptions } from '../loading/strategy-options.js';
import { MatchingStrategy, type Proposal } from '../matching-strategy.js';
import type { Run } from '../strategy-runner.js';
import { Replica } from './replica.js';
import type { OptionalMethods, Proposed, RunData, ThreadData, ThreadReply, ThreadRequest } from './thread-messages.js';

/** Bounds of what one answer brings into the service's own thread. */
const MAX_PROPOSALS = 100;
const MAX_GROUP = 16;
const MAX_REASONS = 8;
const MAX_TEXT = 500;

type Import = (name: string) => Promise<Readonly<Record<string, unknown>>>;

/** Serves the strategy that this thread was started for. @param importFrom imports as a file in the working directory would */
export async function serve(importFrom: Import): Promise<void> {
  const { setting } = workerData as ThreadData;
  try {
    const strategy = await create(importFrom, setting);
    parentPort!.on('message', listen(strategy));
    parentPort!.postMessage({ name: strategy.name.slice(0, MAX_TEXT), methods: methodsOf(strategy) });
  } catch (error) {
    parentPort!.postMessage({ refused: firstLine(error) });
  }
}

async function create(importFrom: Import, setting: StrategySetting): Promise<MatchingStrategy> {
  const what = called(setting);
  const type = foreignClass(await imported(importFrom, setting), what);
  const options = strategyOptions(type.Options, setting);
  const module = strategyModule({ useClass: type, imports: [...(type.imports ?? [])] }, options);
  return createdStrategy(async () => {
    const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    return context.get<unknown>(MatchingStrategy, { strict: false });
  }, what);
}

async function imported(importFrom: Import, setting: StrategySetting): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await importFrom(setting.strategy);
  } catch (error) {
    const [why] = firstLine(error).split(' imported from ');
    throw new Error(`${called(setting)} cannot be loaded: ${why}`, { cause: error });
  }
}

const methodsOf = (strategy: MatchingStrategy): OptionalMethods => ({
  admit: strategy.admit !== undefined,
  nextWake: strategy.nextWake !== undefined,
  explainWait: strategy.explainWait !== undefined,
});

function listen(strategy: MatchingStrategy) {
  const runner = new InProcessRunner(strategy);
  const replica = new Replica();
  const answer = (request: ThreadRequest): unknown => {
    switch (request.kind) {
      case 'waiting':
        return replica.apply(request.change);
      case 'propose':
        return propose(runner, runOf(request, replica));
      case 'explainWait':
        return reasonsOf(runner.explainWait(runOf(request, replica)));
      case 'admit':
        return runner.admit(request.ticket);
      case 'nextWake':
        return runner.nextWake(request.ticket, request.now);
    }
  };
  return ({ request, body }: { request: number; body: ThreadRequest }) => {
    let reply: ThreadReply;
    try {
      reply = { request, answer: answer(body) };
      parentPort!.postMessage(reply);
    } catch (error) {
      parentPort!.postMessage({ request, error: firstLine(error) } satisfies ThreadReply);
    }
  };
}

function runOf({ change, run }: Extract<ThreadRequest, { run: RunData }>, replica: Replica): Run {
  replica.apply(change);
  return { ...run, view: replica.view(change.order!) };
}

function propose(runner: InProcessRunner, run: Run): Proposed {
  const end = performance.now() + run.budgetMs;
  const proposals: Proposal[] = [];
  try {
    for (const proposal of runner.propose(run)) {
      proposals.push(plain(proposal));
      if (proposals.length === MAX_PROPOSALS) break;
      if (performance.now() > end) return { proposals, late: true };
    }
  } catch (error) {
    return { proposals, error: firstLine(error) };
  }
  return { proposals };
}

/** A proposal as data and in bounds; what is none becomes a group of strangers, which the engine refuses. */
function plain(proposal: Partial<Proposal> | null | undefined): Proposal {
  const tickets: readonly unknown[] = Array.isArray(proposal?.tickets) ? proposal.tickets : [];
  return {
    tickets: tickets.slice(0, MAX_GROUP + 1).map((id) => (typeof id === 'string' ? id : '')),
    ...(typeof proposal?.score === 'number' && { score: proposal.score }),
    reasons: reasonsOf(proposal?.reasons),
  };
}

function reasonsOf(reasons: unknown): readonly Reason[] {
  if (!Array.isArray(reasons)) return [];
  return reasons.slice(0, MAX_REASONS).flatMap((reason: Partial<Reason> | null | undefined) => {
    const { code, text } = reason ?? {};
    if (typeof code !== 'string' || typeof text !== 'string') return [];
    return [{ code: code.slice(0, MAX_TEXT), text: text.slice(0, MAX_TEXT) }];
  });
}
