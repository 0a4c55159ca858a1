import { MemoryHistoryStore } from '../../src/adapters/memory/memory-history-store.js';
import { describeHistoryStoreContract } from '../../src/testing/index.js';

describeHistoryStoreContract('memory', () => new MemoryHistoryStore());
