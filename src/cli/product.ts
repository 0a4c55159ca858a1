import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** How the command-line clients name themselves to others. */
export const PRODUCT = { name: 'parley', title: 'Parley', version } as const;
