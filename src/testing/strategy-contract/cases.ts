import type { Trial } from './trial.js';

/** Declares one promise. */
export type It = (promise: string, body: (trial: Trial) => void) => void;

/** The promises about one subject. */
export type Cases = (it: It) => void;
