import { describe, it } from '@jest/globals';
import { MemoryWebhookStore } from '../../src/adapters/memory/memory-webhook-store.js';
import { describeWebhookStoreContract } from '../../src/testing/index.js';

describeWebhookStoreContract('memory', () => new MemoryWebhookStore(), { describe, it });
