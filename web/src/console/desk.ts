import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { OperatorApi } from './api/operator-api.js';

/** Something to be done, once the person has confirmed it. */
export interface Act {
  readonly title: ComponentChildren;
  /** What will happen. */
  readonly what: ComponentChildren;
  readonly action: string;
  readonly dangerous?: boolean;
  readonly act: () => Promise<unknown>;
  /** What is said when it was done. */
  readonly done: string;
}

/** What every part of the console works with. */
export interface Desk {
  readonly api: OperatorApi;
  readonly principal: string;
  /** Whether the person may do more than moderate. */
  readonly isAdmin: boolean;
  /** Asks whether to do something, and does it. `after` is called when it was done. */
  readonly ask: (act: Act, after?: () => void) => void;
  /** Shows a dialog of its own until it calls what it is given. */
  readonly show: (dialog: (close: () => void) => ComponentChildren) => void;
  /** Tells what was done. */
  readonly say: (text: string) => void;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export const useDesk = (): Desk => useContext(DeskContext)!;
