export { AdminModule } from './admin.module.js';
export type { Answers } from './answers/index.js';
