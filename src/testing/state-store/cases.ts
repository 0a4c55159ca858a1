import type { StateLimits } from '../../ports/state-store.js';
import type { Scene } from './scene.js';

/** Declares one promise: how it is shown, and the limits the store must have for it. */
export type It = (promise: string, body: (scene: Scene) => Promise<void>, limits?: Partial<StateLimits>) => void;

/** The promises about one subject. */
export type Cases = (it: It) => void;
