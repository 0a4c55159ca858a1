import type { WebhookScene } from './scene.js';

/** Declares promises about one subject, each with the way to see that it is kept. */
export type WebhookCases = (it: (promise: string, body: (scene: WebhookScene) => Promise<void>) => void) => void;
