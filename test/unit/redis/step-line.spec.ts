import { describe, expect, it } from '@jest/globals';
import { StepLine } from '../../../src/adapters/redis/step-line.js';
import { until } from '../../support/until.js';

/** A Redis whose answers come when the test says so. */
class Setup {
  /** Names of the steps of each call. */
  readonly calls: string[][] = [];
  readonly #answers: ((error?: Error) => void)[] = [];
  readonly line = new StepLine((texts) => {
    this.calls.push([...texts]);
    return new Promise((resolve, reject) => {
      this.#answers.push((error) => (error ? reject(error) : resolve(texts.map((text) => `done ${text}`))));
    });
  });

  answer(error?: Error): void {
    this.#answers.shift()!(error);
  }

  async called(times: number): Promise<void> {
    await until(`call ${times}`, () => this.calls.length >= times);
  }
}

describe('steps on their way to Redis', () => {
  it('go at once when nothing is under way, and are answered each', async () => {
    const setup = new Setup();
    const answer = setup.line.take(['post']);
    await setup.called(1);
    setup.answer();
    expect(await answer).toBe('done post');
  });

  it('go together when they come together or while a call is under way, in their order', async () => {
    const setup = new Setup();
    const first = [setup.line.take(['post']), setup.line.take(['room'])];
    await setup.called(1);
    const second = [setup.line.take(['leave']), setup.line.take(['post']), setup.line.take(['claim'])];
    setup.answer();
    expect(await Promise.all(first)).toEqual(['done post', 'done room']);
    await setup.called(2);
    setup.answer();
    expect(await Promise.all(second)).toEqual(['done leave', 'done post', 'done claim']);
    expect(setup.calls).toEqual([
      ['post', 'room'],
      ['leave', 'post', 'claim'],
    ]);
  });

  it('do not hold up Redis for long: so many go together, and what may look at many goes alone', async () => {
    const setup = new Setup();
    const names = [...Array.from({ length: 20 }, () => 'post'), 'expire', 'post', 'post'];
    const answers = Promise.all(names.map((name) => setup.line.take([name])));
    for (let i = 1; i <= 4; i++) {
      await setup.called(i);
      setup.answer();
    }
    expect(await answers).toEqual(names.map((name) => `done ${name}`));
    expect(setup.calls.map((call) => call.length)).toEqual([16, 4, 1, 2]);
  });

  it('do not wait long for the answer to the call before', async () => {
    const setup = new Setup();
    const first = setup.line.take(['post']);
    await setup.called(1);
    const second = setup.line.take(['post']);
    await setup.called(2);
    setup.answer();
    setup.answer();
    expect(await Promise.all([first, second])).toEqual(['done post', 'done post']);
  });

  it('fail with the call they went by, and no others', async () => {
    const setup = new Setup();
    const failing = Promise.allSettled([setup.line.take(['post']), setup.line.take(['room'])]);
    await setup.called(1);
    const next = setup.line.take(['post']);
    setup.answer(new Error('lost'));
    const outcomes = await failing;
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    await setup.called(2);
    setup.answer();
    expect(await next).toBe('done post');
  });
});
