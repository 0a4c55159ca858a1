import { setTimeout as sleep } from 'node:timers/promises';
import type { StrategySetting } from '../../config/index.js';
import type { Reason, Ticket } from '../../domain/ticket.js';
import type { Awaitable } from '../../ports/awaitable.js';
import type { Proposal, Rejection } from '../matching-strategy.js';
import type { Run, StrategyRunner } from '../strategy-runner.js';
import { type ReplicaChange, ReplicaFeed } from './replica.js';
import { StrategyThread, timeout } from './strategy-thread.js';
import type { OptionalMethods, Proposed, RunData } from './thread-messages.js';

/** How many calls may wait for the one before them. */
const MAX_WAITING = 1_000;
/** What a call may take besides the strategy's own time, in milliseconds: the way there and back on a busy machine. */
const GRACE_MS = 100;
/** What the first run in a thread may take besides, in milliseconds. */
const WARM_UP_MS = 1_000;
/** How long the thread may take to note who waits, in milliseconds. */
const LOAD_MS = 5_000;
/** How long a new thread is put off after several failures in a row, in milliseconds. */
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 1_000;

/**
 * Runs somebody else's strategy in a thread of its own, one run at a time. Whatever happens in there, an endless loop
 * included, costs the run its answer and the next one a new thread.
 */
export class WorkerRunner implements StrategyRunner {
  #feed = new ReplicaFeed();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #failures = 0;
  #warm = false;
  #closed = false;

  private constructor(
    private readonly setting: StrategySetting,
    private thread: StrategyThread,
    readonly name: string,
    private readonly methods: OptionalMethods,
    private readonly budgetMs: number,
  ) {}

  /**
   * @param budgetMs what an answer other than to a run may take, in milliseconds
   * @throws ConfigurationError when what the setting names cannot be used
   */
  static async start(setting: StrategySetting, budgetMs: number): Promise<WorkerRunner> {
    const [thread, { name, methods }] = await StrategyThread.start(setting);
    return new WorkerRunner(setting, thread, name, methods, budgetMs);
  }

  admit(ticket: Ticket): Awaitable<Ticket | Rejection> {
    if (!this.methods.admit) return ticket;
    return this.#inTurn(() => this.#call({ kind: 'admit', ticket }, this.budgetMs)) as Promise<Ticket | Rejection>;
  }

  async propose(run: Run): Promise<Iterable<Proposal>> {
    return this.#inTurn(async () => {
      // It may have been matched, or have gone, while the run waited for its turn.
      if (!run.view.get(run.subject.id)) return [];
      const budgetMs = run.budgetMs + (this.#warm ? 0 : WARM_UP_MS);
      const change = await this.#replicate(run);
      const answer = await this.#call({ kind: 'propose', change, run: dataOf(run, budgetMs) }, budgetMs);
      this.#warm = true;
      return lazily(answer as Proposed);
    });
  }

  nextWake(ticket: Ticket, now: number): Awaitable<number | undefined> {
    if (!this.methods.nextWake) return undefined;
    return this.#inTurn(() => this.#call({ kind: 'nextWake', ticket, now }, this.budgetMs)) as Promise<
      number | undefined
    >;
  }

  explainWait(run: Run): Awaitable<readonly Reason[]> {
    if (!this.methods.explainWait) return [];
    return this.#inTurn(async () => {
      const change = await this.#replicate(run);
      return (await this.#call(
        { kind: 'explainWait', change, run: dataOf(run, run.budgetMs) },
        run.budgetMs,
      )) as readonly Reason[];
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.thread.close();
  }

  async retire(): Promise<void> {
    while (this.#waiting > 0) await this.#turn;
    await this.close();
  }

  /** Tells the thread who waits; the last step comes with the run. */
  async #replicate({ view, subject }: Run): Promise<ReplicaChange> {
    for (;;) {
      const change = this.#feed.next(view, subject);
      if (change.order) return change;
      await this.thread.call({ kind: 'waiting', change }, LOAD_MS);
    }
  }

  async #call(...[request, limitMs]: Parameters<StrategyThread['call']>): Promise<unknown> {
    const answer = await this.thread.call(request, limitMs + GRACE_MS);
    this.#failures = 0;
    return answer;
  }

  /** Work begins at once when nothing else is going on: a run then sees exactly those who waited when it was asked for. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting === MAX_WAITING) throw new Error(`${MAX_WAITING} runs wait for the strategy already`);
    const idle = this.#waiting === 0 && this.thread.alive;
    this.#waiting++;
    const turn = idle ? work() : this.#turn.then(() => this.#revive()).then(work);
    this.#turn = turn.catch(() => undefined).finally(() => this.#waiting--);
    return turn;
  }

  /** Starts a new thread if the last one has ended. */
  async #revive(): Promise<void> {
    if (this.#closed) throw new Error('the strategy was closed');
    if (this.thread.alive) return;
    const delay = this.#failures === 0 ? 0 : FIRST_DELAY_MS * 2 ** (this.#failures - 1);
    this.#failures++;
    await sleep(Math.min(delay, MAX_DELAY_MS));
    const [thread] = await StrategyThread.start(this.setting);
    this.thread = thread;
    this.#feed = new ReplicaFeed();
    this.#warm = false;
    if (this.#closed) await this.close();
  }
}

const dataOf = ({ trigger, subject, now, seed, cooldownMs }: Run, budgetMs: number): RunData => ({
  trigger,
  subject,
  now,
  seed,
  cooldownMs,
  budgetMs,
});

/** What was proposed in time; then whatever ended the run is thrown. */
function* lazily({ proposals, late, error }: Proposed): Generator<Proposal> {
  yield* proposals;
  if (late) throw timeout('the strategy used up its time');
  if (error !== undefined) throw new Error(error);
}
