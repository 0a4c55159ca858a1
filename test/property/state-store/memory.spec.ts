import { describe } from '@jest/globals';
import { MemoryStateStore } from '../../../src/adapters/memory/memory-state-store.js';
import { itKeepsToTheModel } from './steps.js';

describe('MemoryStateStore under any sequence of steps', () => {
  itKeepsToTheModel((limits) => {
    const store = new MemoryStateStore(limits);
    return { store, sizes: () => store.sizes() };
  }, 200);
});
