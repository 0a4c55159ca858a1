import { describe, it } from '@jest/globals';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.js';
import { describeStateStoreContract } from '../../src/testing/index.js';

describeStateStoreContract('memory', (limits) => new MemoryStateStore(limits), { describe, it });
