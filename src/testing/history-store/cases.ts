import type { HistoryScene } from './scene.js';

/** Declares promises about one subject, each with the way to see that it is kept. */
export type HistoryCases = (it: (promise: string, body: (scene: HistoryScene) => Promise<void>) => void) => void;
