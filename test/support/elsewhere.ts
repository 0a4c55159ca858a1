import type { Reason, Ticket } from '../../src/domain/ticket.js';
import type { Proposal } from '../../src/matching/index.js';
import type { Run, StrategyRunner } from '../../src/matching/strategy-runner.js';
import { settled } from './fakes.js';

/** A strategy in another thread: it is shown who waits when it is asked, and answers when a test says so. */
export class Elsewhere implements StrategyRunner {
  readonly name = 'elsewhere';
  /** Who waited with each question. */
  readonly shown: string[][] = [];
  readonly #asked: { resolve: (proposals: Proposal[]) => void; reject: (error: Error) => void }[] = [];

  admit = async (ticket: Ticket) => ticket;
  nextWake = async (): Promise<number | undefined> => undefined;
  explainWait = async (): Promise<readonly Reason[]> => [{ code: 'far', text: 'From afar' }];
  close = () => undefined;
  retire = () => undefined;

  propose({ view }: Run): Promise<Proposal[]> {
    this.shown.push([...view.tickets()].map(({ participantId }) => participantId));
    return new Promise((resolve, reject) => this.#asked.push({ resolve, reject }));
  }

  /** Answers the first question; a group is named by its participants. */
  async answer(...groups: string[][]): Promise<void> {
    this.#asked.shift()!.resolve(groups.map((group) => ({ tickets: group.map((name) => `t-${name}`) })));
    await settled();
  }

  /** Fails the last question. */
  async fail(error = new Error('boo')): Promise<void> {
    this.#asked.pop()!.reject(error);
    await settled();
  }
}
