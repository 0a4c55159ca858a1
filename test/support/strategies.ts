import type { Ticket } from '../../src/domain/ticket.js';
import { createContext, type MatchContext, type MatchingStrategy } from '../../src/matching/index.js';
import { FakeView } from './fakes.js';

export interface Scene {
  /** Who the run is about; the last one of those who wait unless a test says otherwise. */
  readonly subject?: Ticket;
  /** Milliseconds since the epoch. */
  readonly now?: number;
  readonly seed?: number;
  readonly budgetMs?: number;
  /** Pairs of participants, of whom the first has blocked the second. */
  readonly blocks?: readonly (readonly [string, string])[];
  /** Pairs of participants and when both were in a room, in milliseconds since the epoch. */
  readonly meetings?: readonly (readonly [string, string, number])[];
}

/** What a strategy is shown when these wait, longest first; `view` counts how many it looked at. */
export function contextOf(waiting: readonly Ticket[], scene: Scene = {}): MatchContext & { readonly view: FakeView } {
  const { subject = waiting.at(-1)!, now = 0, seed = 1, budgetMs = 60_000, blocks, meetings } = scene;
  const view = new FakeView(waiting, blocks, meetings);
  const context = createContext({ trigger: 'enqueue', subject, view, now, seed, cooldownMs: 0, budgetMs });
  return Object.defineProperty(context, 'view', { value: view }) as MatchContext & { view: FakeView };
}

/** The groups a strategy proposes when these wait, by participants. */
export function proposed(strategy: MatchingStrategy, waiting: readonly Ticket[], scene?: Scene): string[][] {
  const names = new Map(waiting.map(({ id, participantId }) => [id, participantId]));
  return Array.from(strategy.propose(contextOf(waiting, scene)), ({ tickets }) => tickets.map((id) => names.get(id)!));
}

/** What the members of the first group are told. */
export function toldOf(strategy: MatchingStrategy, waiting: readonly Ticket[], scene?: Scene): string[] {
  const [first] = strategy.propose(contextOf(waiting, scene));
  return (first?.reasons ?? []).map(({ text }) => text);
}

/** Why the subject is told that it waits. */
export function explained(strategy: MatchingStrategy, waiting: readonly Ticket[], scene?: Scene): string[] {
  const context = contextOf(waiting, scene);
  return (strategy.explainWait?.(context.subject, context) ?? []).map(({ text }) => text);
}
