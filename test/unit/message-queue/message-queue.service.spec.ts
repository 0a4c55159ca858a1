import { describe, expect, it } from '@jest/globals';
import { MemoryStateStore } from '../../../src/adapters/memory/memory-state-store.js';
import { loadConfig } from '../../../src/config/index.js';
import { MessageQueueService } from '../../../src/message-queue/index.js';
import { FakeClock, MemoryEventPublisher, SequentialIds, stateLimits } from '../../../src/testing/index.js';
import '../../support/fakes.js';
import { until } from '../../support/until.js';

describe('the message queue', () => {
  function scene(environment: Record<string, string> = {}, maxBytes?: number) {
    const [clock, ids, publisher] = [new FakeClock(), new SequentialIds(), new MemoryEventPublisher({ maxBytes })];
    const state = new MemoryStateStore(stateLimits({ outbox: { groups: ['events'], records: 1_000 } }));
    const config = loadConfig({ EVENTS_URL: 'nats://127.0.0.1', ...environment });
    const service = new MessageQueueService(config, publisher, state, clock, ids);
    const join = (name: string) => {
      const profile = { displayName: name, provenance: 'human', attributes: {} } as const;
      const participant = state.createParticipant(
        { id: ids.uuid(), logId: ids.uuid(), tokenDigest: name, principal: null, ...profile },
        clock.now(),
      );
      const { room } = state.join(
        { participantId: participant.id, name: 'lobby', capacity: 2, roomId: ids.uuid() },
        clock.now(),
      );
      return { participantId: participant.id, roomId: room.roomId };
    };
    const [ann] = [join('Ann'), join('Ben')];
    const say = (text: string) => void state.post({ ...ann, messageId: ids.uuid(), text }, clock.now());
    const texts = () =>
      publisher.events
        .filter(({ type }) => type === 'parley.message.sent')
        .map(({ data }) => (data as { message?: string }).message);
    const stop = () => {
      service.onModuleDestroy();
      return service.onApplicationShutdown();
    };
    return { service, publisher, say, texts, stop };
  }

  it('is told what people wrote only where that is wanted', async () => {
    for (const [wanted, told] of [
      ['false', undefined],
      ['true', 'hello'],
    ] as const) {
      const { service, say, texts, stop } = scene({ EVENTS_MESSAGE_TEXT: wanted });
      service.onApplicationBootstrap();
      say('hello');
      await until('the event', () => texts().length === 1);
      expect(texts()).toEqual([told]);
      await stop();
    }
  });

  it('is told of a message that is too large for it without the text', async () => {
    const { service, say, texts, stop } = scene({ EVENTS_MESSAGE_TEXT: 'true' }, 1_000);
    service.onApplicationBootstrap();
    say('🦜'.repeat(500));
    say('short');
    await until('the events', () => texts().length === 2);
    expect(texts()).toEqual([undefined, 'short']);
    await stop();
  });

  it('is told what is pending before the service ends, if it listens', async () => {
    const { service, say, texts, publisher } = scene();
    publisher.failure = new Error('away');
    service.onApplicationBootstrap();
    say('hello');
    await until('a failure', () => (service.failures ?? 0) > 0);
    service.onModuleDestroy();
    publisher.failure = undefined;
    await service.onApplicationShutdown();
    expect(texts()).toHaveLength(1);
  });

  it('has no failures where there is none', async () => {
    const state = new MemoryStateStore(stateLimits());
    const service = new MessageQueueService(loadConfig({}), null, state, new FakeClock(), new SequentialIds());
    service.onApplicationBootstrap();
    expect(service.failures).toBeUndefined();
    service.onModuleDestroy();
    await service.onApplicationShutdown();
  });
});
