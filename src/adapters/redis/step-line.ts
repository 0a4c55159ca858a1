/**
 * How much goes into one call, and how much of that a step is: a post to one partner is 1, some 25 µs of Redis's time,
 * which carries out one call at a time. A step that is not named may look at many, and goes alone.
 */
const CALL_MOST = 16;
const WEIGHTS: Readonly<Record<string, number>> = {
  ...{ post: 1, readEvents: 1, acknowledge: 1, room: 1, participant: 1, findParticipant: 1, wakeAt: 1, sent: 1 },
  ...{ createParticipant: 2, enqueue: 2, cancel: 2, tickets: 2, join: 3, leave: 3, claim: 4 },
};
/** How long the answer to the call before is waited for, in milliseconds; on a slow network calls follow each other sooner. */
const HOLD_MS = 2;

interface Step {
  readonly texts: readonly string[];
  readonly weight: number;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Steps in the order they were asked for. Those that come while a call is under way go together in the next one, because what
 * a call costs here, on the way and there is more than most steps; with little to do each goes at once.
 */
export class StepLine {
  #line: Step[] = [];
  #weight = 0;
  #underWay = 0;
  #calledAt = 0;
  #isLooking = false;
  #willLook = false;

  /** @param call takes the texts of steps, one after the other, and has an answer for each */
  constructor(private readonly call: (texts: readonly string[]) => Promise<readonly string[]>) {}

  /** @param texts the name of the step, and what it takes */
  take(texts: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const weight = WEIGHTS[texts[0]!] ?? CALL_MOST;
      this.#line.push({ texts, weight, resolve, reject });
      this.#weight += weight;
      this.#lookSoon();
    });
  }

  /** When everything that has just arrived has been read, so that it goes together. */
  #lookSoon(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      this.#look();
    });
  }

  #look(): void {
    while (this.#line.length > 0) {
      const isDue = this.#underWay === 0 || this.#weight >= CALL_MOST || performance.now() - this.#calledAt >= HOLD_MS;
      if (!isDue) {
        this.#lookLater();
        return;
      }
      void this.#callWith(this.#next());
    }
  }

  #lookLater(): void {
    if (this.#willLook) return;
    this.#willLook = true;
    setTimeout(() => {
      this.#willLook = false;
      this.#look();
    }, HOLD_MS);
  }

  /** The first of the line, as many as go together. */
  #next(): readonly Step[] {
    let [count, weight] = [0, 0];
    do weight += this.#line[count++]!.weight;
    while (count < this.#line.length && weight + this.#line[count]!.weight <= CALL_MOST);
    this.#weight -= weight;
    return this.#line.splice(0, count);
  }

  async #callWith(steps: readonly Step[]): Promise<void> {
    this.#underWay++;
    this.#calledAt = performance.now();
    try {
      const answers = await this.call(steps.flatMap(({ texts }) => texts));
      steps.forEach(({ resolve }, i) => resolve(answers[i]!));
    } catch (error) {
      steps.forEach(({ reject }) => reject(error));
    }
    this.#underWay--;
    if (this.#line.length > 0) this.#lookSoon();
  }
}
