import { Injectable } from '@nestjs/common';
import { Durations } from '../domain/durations.js';

/** What has become of the calls of one tool since the start. */
export interface ToolFigures {
  /** By outcome: `ok`, `failed` (no code), `refused` (by the protocol), or the code of the failure. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly durations: Durations;
}

class ToolCalls implements ToolFigures {
  readonly outcomes = new Map<string, number>();
  readonly durations = new Durations();
}

/** Counts requests and calls of tools, for whoever shows figures to operators. */
@Injectable()
export class CallFigures {
  readonly #methods = new Map<string, number>();
  readonly #tools = new Map<string, ToolCalls>();

  /** Requests by method. */
  get methods(): ReadonlyMap<string, number> {
    return this.#methods;
  }

  get tools(): ReadonlyMap<string, ToolFigures> {
    return this.#tools;
  }

  /** @param method one that the server knows, so that nobody can make up new ones */
  requested(method: string): void {
    increase(this.#methods, method);
  }

  /**
   * @param name a tool that there is
   * @param since when the call came, by `performance.now()`
   */
  called(name: string, outcome: string, since: number): void {
    let calls = this.#tools.get(name);
    if (!calls) this.#tools.set(name, (calls = new ToolCalls()));
    increase(calls.outcomes, outcome);
    calls.durations.record((performance.now() - since) / 1000);
  }
}

const increase = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
