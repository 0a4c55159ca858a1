import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { Ticket } from '../../domain/ticket.js';
import { createContext, MATCHING_API_VERSION, type StrategyClass } from '../../matching/index.js';
import { ask } from './ask.js';
import type { Cases } from './cases.js';
import { crowdOf } from './crowd.js';
import { isReason, type Trial } from './trial.js';
import { randomOf, runIn } from './world.js';

export const answersCases: Cases = (it) => {
  it('has a name, and the version of the API it was written for', ({ strategy }) => {
    const { name } = strategy;
    assert.ok(typeof name === 'string' && /^[\p{L}\p{N}][\p{L}\p{N} _.,:()@/+-]{0,99}$/u.test(name), inspect(name));
    const { apiVersion } = strategy.constructor as Partial<StrategyClass>;
    if (apiVersion === undefined) return;
    assert.match(apiVersion, /^\d+\.\d+(\.\d+)?$/);
    const [major, minor] = apiVersion.split('.').map(Number) as [number, number];
    const [ourMajor, ourMinor] = MATCHING_API_VERSION.split('.').map(Number) as [number, number];
    const served = major === ourMajor && minor <= ourMinor;
    assert.ok(served, `it was written for version ${apiVersion}, this is ${MATCHING_API_VERSION}`);
  });

  it('never throws when it is asked for proposals', ({ samples }) => {
    for (const { thrown, where } of samples) assert.equal(thrown, undefined, `${where}: ${inspect(thrown)}`);
  });

  it('comes to an end when nothing it proposes is taken', ({ samples }) => {
    for (const { ended, proposals, where } of samples) {
      assert.ok(ended, `${where}: still not done after ${proposals.length} proposals`);
    }
  });

  it('gives reasons in words, and scores that are numbers', ({ samples }) => {
    for (const { proposals, where } of samples) {
      for (const { reasons = [], score = 0 } of proposals) {
        assert.ok(Array.isArray(reasons) && reasons.every(isReason), `${where}: ${inspect(reasons)}`);
        assert.ok(Number.isFinite(score), `${where}: the score is ${inspect(score)}`);
      }
    }
  });

  it('admits a ticket with nothing changed but attributes and priority, or refuses it with a reason', (trial) => {
    const { strategy } = trial;
    for (const ticket of newcomers(trial)) {
      const { thrown, value: verdict } = ask(() => strategy.admit?.(copyOf(ticket)) ?? ticket);
      assert.equal(thrown, undefined, `${ticket.id}: ${inspect(thrown)}`);
      if (verdict === undefined) continue;
      if ('rejected' in verdict) {
        assert.ok(verdict.rejected === true && isReason(verdict.reason), `${ticket.id}: ${inspect(verdict)}`);
        continue;
      }
      const { attributes, priority, ...rest } = verdict;
      const { attributes: _attributes, priority: _priority, ...own } = ticket;
      assert.equal(inspect(rest, DEEP), inspect(own, DEEP), `${ticket.id}: something else was changed`);
      assert.ok(Number.isFinite(priority), `${ticket.id}: the priority is ${inspect(priority)}`);
      assert.ok(isAttributes(attributes), `${ticket.id}: ${inspect(attributes)} are no attributes`);
    }
  });

  it('names a time ahead when it wants to be asked again', (trial) => {
    const { strategy } = trial;
    for (const ticket of trial.crowd(newcomers(trial))) {
      const times = WAITED_MS.map((waitedMs) => ticket.enqueuedAt + waitedMs);
      const { value: wakes = [], thrown } = ask(() => times.map((now) => strategy.nextWake?.(ticket, now)));
      assert.equal(thrown, undefined, `${ticket.id}: ${inspect(thrown)}`);
      for (const [i, at] of wakes.entries()) {
        const ahead = at === undefined || (Number.isFinite(at) && at > times[i]!);
        assert.ok(ahead, `after ${WAITED_MS[i]} ms it names ${inspect(at)}, which is not after ${times[i]}`);
      }
    }
  });

  it('says in words why somebody waits', ({ strategy, worlds }) => {
    if (!strategy.explainWait) return;
    for (const world of worlds) {
      const run = runIn(world, 0);
      const context = createContext(run);
      const { value: reasons, thrown } = ask(() => strategy.explainWait!(run.subject, context));
      assert.equal(thrown, undefined, `world ${world.seed}: ${inspect(thrown)}`);
      if (reasons === undefined) continue;
      assert.ok(Array.isArray(reasons) && reasons.every(isReason), `world ${world.seed}: ${inspect(reasons)}`);
    }
  });
};

/** After how long a wait it is asked when it wants to be asked again. */
const WAITED_MS = [0, 1, 1_000, 59_999, 60_000, 600_000, 86_400_000];
const DEEP = { depth: 10, sorted: true };

/** People as they come: typical ones, and some of whom nothing is known. */
function newcomers({ ticket }: Trial): Ticket[] {
  return [...crowdOf(50, { ticket, random: randomOf(7) }), ...crowdOf(5, { prefix: 'unknown' })];
}

const copyOf = (ticket: Ticket) => JSON.parse(JSON.stringify(ticket)) as Ticket;

function isAttributes(attributes: unknown): boolean {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) return false;
  return Object.values(attributes).every(
    (value) =>
      ['string', 'boolean'].includes(typeof value) ||
      Number.isFinite(value) ||
      (Array.isArray(value) && value.every((item) => typeof item === 'string')),
  );
}
