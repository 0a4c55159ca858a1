import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeStrategyContract, meet, ticketOf } from 'mcp-parley/testing';
import SharedTopicStrategy from './shared-topic.js';

const about = (name, topic) => ticketOf(name, { attributes: { topic } });

describe('SharedTopicStrategy', () => {
  it('brings together those who share a topic', () => {
    const people = [about('ann', 'chess'), about('ben', 'tea'), about('cleo', 'tea')];
    assert.deepEqual(meet(new SharedTopicStrategy(), people), [['ben', 'cleo']]);
  });
});

const typical = { ticket: (random) => ({ attributes: { topic: random() < 0.5 ? 'chess' : 'tea' } }) };
describeStrategyContract('shared-topic', () => new SharedTopicStrategy(), typical, { describe, it });
