/** Something to deliver: deliveries of one subscription go one after the other, and share a lane with their endpoint's. */
export interface Item {
  readonly subscriptionId: string;
  readonly endpoint: string;
}

/** What an attempt says about its endpoint: `stuck` when it took long or never came about, `idle` when none was made. */
export type Health = 'well' | 'stuck' | 'idle';

export interface LaneLimits {
  /** Attempts under way: in all, and of one endpoint. */
  readonly total: number;
  readonly perEndpoint: number;
  /** Items taken in, waiting ones included: in all, and of one endpoint. */
  readonly held: number;
  readonly heldPerEndpoint: number;
}

/** Attempts started in one turn of the event loop, so that whoever chats meanwhile is not kept waiting. */
const STARTS_PER_TURN = 16;
/** Attempts at a time of an endpoint whose last one got stuck. */
const STUCK_ATTEMPTS = 1;
/** Stuck endpoints remembered while nothing waits for them; the first to get stuck is forgotten first. */
const STUCK_KEPT = 10_000;

interface Lane<T> {
  readonly endpoint: string;
  /** Waiting items by subscription. */
  readonly queues: Map<string, T[]>;
  /** Subscriptions that have an item waiting and none under way, in their turn. */
  readonly turns: Set<string>;
  held: number;
  running: number;
  stuck: boolean;
}

/**
 * Runs deliveries side by side so that no endpoint stands in another's way: each has a lane of bounded width, lanes take
 * turns, and those that are stuck share at most half of the whole width.
 */
export class DeliveryLanes<T extends Item> {
  readonly #lanes = new Map<string, Lane<T>>();
  /** Lanes in which something could start, in their turn. */
  readonly #ready = new Set<Lane<T>>();
  readonly #stuck = new Set<string>();
  #held = 0;
  #running = 0;
  #runningStuck = 0;
  #scheduled = false;
  #stopped = false;

  /** @param attempt never rejects */
  constructor(
    private readonly limits: LaneLimits,
    private readonly attempt: (item: T) => Promise<Health>,
  ) {}

  /** How many more items it takes. */
  get room(): number {
    return this.#stopped ? 0 : Math.max(0, this.limits.held - this.#held);
  }

  get running(): number {
    return this.#running;
  }

  /** Endpoints of which it takes no more. */
  get full(): Set<string> {
    const full = new Set<string>();
    for (const { endpoint, held } of this.#lanes.values()) if (held >= this.limits.heldPerEndpoint) full.add(endpoint);
    return full;
  }

  hasRoomFor(endpoint: string): boolean {
    return this.room > 0 && (this.#lanes.get(endpoint)?.held ?? 0) < this.limits.heldPerEndpoint;
  }

  add(item: T): void {
    const lane = this.#laneOf(item.endpoint);
    const queue = lane.queues.get(item.subscriptionId);
    if (queue) queue.push(item);
    else {
      lane.queues.set(item.subscriptionId, [item]);
      lane.turns.add(item.subscriptionId);
    }
    lane.held++;
    this.#held++;
    this.#ready.add(lane);
    this.#schedule();
  }

  /** Starts nothing more; returns what was not started. */
  stop(): T[] {
    this.#stopped = true;
    const waiting = [...this.#lanes.values()].flatMap(({ queues }) => [...queues.values()].flat());
    this.#lanes.clear();
    this.#ready.clear();
    return waiting;
  }

  #laneOf(endpoint: string): Lane<T> {
    let lane = this.#lanes.get(endpoint);
    if (!lane) {
      lane = { endpoint, queues: new Map(), turns: new Set(), held: 0, running: 0, stuck: this.#stuck.has(endpoint) };
      this.#lanes.set(endpoint, lane);
    }
    return lane;
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#startSome();
    });
  }

  #startSome(): void {
    let started = 0;
    for (const lane of this.#ready) {
      if (this.#running >= this.limits.total) return;
      if (started === STARTS_PER_TURN) return this.#schedule();
      // It goes to the end of the round, or out of it.
      this.#ready.delete(lane);
      if (!this.#mayStart(lane)) continue;
      this.#start(lane);
      started++;
      if (this.#mayStart(lane)) this.#ready.add(lane);
    }
  }

  #mayStart({ turns, running, stuck }: Lane<T>): boolean {
    if (turns.size === 0) return false;
    if (!stuck) return running < this.limits.perEndpoint;
    return running < STUCK_ATTEMPTS && this.#runningStuck < Math.ceil(this.limits.total / 2);
  }

  #start(lane: Lane<T>): void {
    const subscriptionId = lane.turns.values().next().value!;
    lane.turns.delete(subscriptionId);
    const queue = lane.queues.get(subscriptionId)!;
    const item = queue.shift()!;
    const asStuck = lane.stuck;
    lane.running++;
    this.#running++;
    if (asStuck) this.#runningStuck++;
    void this.attempt(item).then((health) => {
      lane.running--;
      lane.held--;
      this.#held--;
      this.#running--;
      if (asStuck) this.#runningStuck--;
      if (this.#stopped) return;
      if (health !== 'idle') this.#judge(lane, health === 'stuck');
      if (queue.length > 0) lane.turns.add(subscriptionId);
      else lane.queues.delete(subscriptionId);
      this.#rejoin(lane, asStuck);
    });
  }

  #judge(lane: Lane<T>, stuck: boolean): void {
    lane.stuck = stuck;
    this.#stuck.delete(lane.endpoint);
    if (!stuck) return;
    if (this.#stuck.size >= STUCK_KEPT) this.#stuck.delete(this.#stuck.values().next().value!);
    this.#stuck.add(lane.endpoint);
  }

  /** After an attempt of its own a lane may start again, and after one of a stuck lane so may the other stuck ones. */
  #rejoin(lane: Lane<T>, wasStuck: boolean): void {
    if (lane.turns.size > 0) this.#ready.add(lane);
    else if (lane.queues.size === 0 && lane.running === 0) this.#lanes.delete(lane.endpoint);
    if (wasStuck)
      for (const other of this.#lanes.values()) if (other.stuck && other.turns.size > 0) this.#ready.add(other);
    if (this.#ready.size > 0) this.#schedule();
  }
}
