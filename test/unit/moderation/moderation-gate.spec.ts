import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { loadConfig } from '../../../src/config/index.js';
import { ModerationGate } from '../../../src/moderation/index.js';
import type { Utterance, Verdict } from '../../../src/ports/message-moderator.js';
import { FakeClock } from '../../../src/testing/index.js';
import { FakeService, settled } from '../../support/fakes.js';

/** Says what it is told to say, and remembers what it was asked. */
class Puppet {
  readonly asked: Utterance[] = [];

  constructor(
    readonly name: string,
    public answer: (utterance: Utterance, signal: AbortSignal) => unknown = () => ({ verdict: 'pass' }),
  ) {}

  judge(utterance: Utterance, signal: AbortSignal): Verdict {
    this.asked.push(utterance);
    return this.answer(utterance, signal) as Verdict;
  }
}

const gateOf = (puppets: readonly Puppet[], onFailure: 'open' | 'closed' = 'closed', own: Puppet | null = null) =>
  new ModerationGate(
    puppets,
    own,
    loadConfig({ MODERATION_ON_FAILURE: onFailure, MODERATION_TIMEOUT_MS: '1000', MESSAGE_MAX_CHARACTERS: '50' }),
    new FakeClock(),
  );

const message = (text: string, participantId = 'ann'): Utterance => ({
  ...{ kind: 'message', text, participantId, roomId: 'room' },
});
const name = (text: string): Utterance => ({ kind: 'display_name', text, participantId: undefined, roomId: undefined });

const NEVER = () => new Promise(() => undefined);

describe('ModerationGate', () => {
  it('is not there when nobody is to be asked', () => {
    expect([gateOf([]).active, gateOf([new Puppet('p')]).active, gateOf([], 'open', new Puppet('own')).active]).toEqual(
      [...[false, true, true]],
    );
  });

  it('asks one after the other, each about what the one before has left, the own one of the application last', async () => {
    const first = new Puppet('first', () => ({ verdict: 'mask', text: 'one ***' }));
    const second = new Puppet('second', () => Promise.resolve({ verdict: 'flag', reason: ' a \n reason ' }));
    const own = new Puppet('own', ({ text }) => ({
      verdict: 'flag',
      reason: 'another',
      text: text.replace('one', '*'),
    }));
    const passed = await gateOf([first, second], 'closed', own).judge(message('one two'));
    expect(passed).toEqual({ text: '* ***', masked: true, flags: ['second: a reason', 'own: another'] });
    expect([first, second, own].map(({ asked }) => asked[0]!.text)).toEqual(['one two', 'one ***', 'one ***']);
  });

  it('tells the author why something is refused, and asks nobody else', async () => {
    const [first, second] = [
      new Puppet('first', () => ({ verdict: 'refuse', reason: 'no links' })),
      new Puppet('second'),
    ];
    const gate = gateOf([first, second]);
    await expect(gate.judge(message('hi'))).rejects.toMatchObject({
      code: 'message_refused',
      message: 'This message is not allowed here: no links',
    });
    await expect(gate.judge(name('hi'))).rejects.toMatchObject({
      code: 'message_refused',
      message: 'This display_name is not allowed here: no links',
    });
    expect(second.asked).toEqual([]);
    expect(gate.moderators[0]!.figures.verdicts.refuse).toBe(2);
  });

  it.each([
    ['nothing', undefined],
    ['no verdict', { verdict: 'maybe' }],
    ['no object', 'pass'],
    ['a mask without text', { verdict: 'mask' }],
    ['a mask that leaves nothing', { verdict: 'mask', text: ' ' }],
    ['a mask longer than a message may be', { verdict: 'mask', text: 'x'.repeat(51) }],
    ['a mask that cannot be stored', { verdict: 'mask', text: 'a\0' }],
    ['a refusal without a reason', { verdict: 'refuse' }],
    ['a flag with an empty reason', { verdict: 'flag', reason: '' }],
    ['a flag whose text is none', { verdict: 'flag', reason: 'x', text: 5 }],
    ['a failure', new Error('no')],
  ])('takes %s for a failure: let through or refused, as is configured', async (_, answer) => {
    const say = () => {
      if (answer instanceof Error) throw answer;
      return answer;
    };
    expect(await gateOf([new Puppet('p', say)], 'open').judge(message('hi'))).toEqual({
      ...{ text: 'hi', masked: false, flags: [] },
    });
    await expect(gateOf([new Puppet('p', say)], 'closed').judge(message('hi'))).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
  });

  it('asks no more often than somebody may write, whatever becomes of it', async () => {
    const puppet = new Puppet('p', () => ({ verdict: 'refuse', reason: 'no' }));
    const gate = gateOf([puppet]);
    for (let i = 0; i < 20; i++) {
      await expect(gate.judge(message('hi'))).rejects.toMatchObject({ code: 'message_refused' });
    }
    await expect(gate.judge(message('hi'))).rejects.toMatchObject({ code: 'rate_limited' });
    await expect(gate.judge(message('hi', 'bob'))).rejects.toMatchObject({ code: 'message_refused' });
    expect(puppet.asked.length).toBe(21);
  });

  it('takes a name that is no label for a failure', async () => {
    const gate = gateOf([new Puppet('p', () => ({ verdict: 'mask', text: 'two\nlines' }))]);
    await expect(gate.judge(name('hi'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  describe('with a moderator that does not answer', () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());

    it('waits no longer than is configured, and says that it has stopped waiting', async () => {
      let given: AbortSignal | undefined;
      const puppet = new Puppet('p', (_, signal) => ((given = signal), NEVER()));
      const gate = gateOf([puppet], 'open');
      const passed = gate.judge(message('hi'));
      await jest.advanceTimersByTimeAsync(999);
      expect(given?.aborted).toBe(false);
      await jest.advanceTimersByTimeAsync(1);
      expect(await passed).toMatchObject({ text: 'hi' });
      expect(given?.aborted).toBe(true);
      expect(gate.moderators[0]!.figures.failures).toBe(1);
    });

    it('leaves it alone after five failures, tries once after a while, and asks on when it answers', async () => {
      const puppet = new Puppet('p', () => Promise.reject(new Error('down')));
      const gate = gateOf([puppet], 'open');
      for (let i = 0; i < 8; i++) await gate.judge(message('hi'));
      expect(puppet.asked.length).toBe(5);
      await jest.advanceTimersByTimeAsync(5_000);
      await Promise.all([gate.judge(message('hi', 'ann')), gate.judge(message('hi', 'bob'))]);
      expect(puppet.asked.length).toBe(6);
      await jest.advanceTimersByTimeAsync(5_000);
      puppet.answer = () => ({ verdict: 'mask', text: '***' });
      for (let i = 0; i < 3; i++) expect(await gate.judge(message('hi'))).toMatchObject({ text: '***' });
      expect(puppet.asked.length).toBe(9);
      expect(gate.moderators[0]!.figures.failures).toBe(10);
    });

    it('lets nobody keep it busy alone, nor everybody together wait for it', async () => {
      const gate = gateOf([new Puppet('p', NEVER)], 'closed');
      const waiting = Array.from({ length: 4 }, () => gate.judge(message('hi')).catch(() => 'over'));
      await expect(gate.judge(message('hi'))).rejects.toMatchObject({ code: 'rate_limited' });
      for (let i = 0; i < 196; i++) waiting.push(gate.judge(message('hi', `p${i}`)).catch(() => 'over'));
      await expect(gate.judge(message('hi', 'late'))).rejects.toMatchObject({ code: 'unavailable' });
      await jest.advanceTimersByTimeAsync(1_000);
      expect(new Set(await Promise.all(waiting))).toEqual(new Set(['over']));
    });
  });
});

describe('RoomsService with moderators', () => {
  let service: FakeService;
  let puppet: Puppet;
  let people: Awaited<ReturnType<FakeService['pair']>>;
  beforeEach(async () => {
    puppet = new Puppet('p');
    service = new FakeService({}, undefined, [puppet]);
    people = await service.pair();
  });
  afterEach(() => service.close());

  const said = () => service.state.transcript(people.roomId, { limit: 10 }).messages.map(({ text }) => text);

  it('stores and delivers what is left of a masked message, and tells its author', async () => {
    puppet.answer = () => ({ verdict: 'mask', text: '***' });
    const { ann, bob, roomId } = people;
    expect(await service.rooms.send(ann, roomId, 'bad', 'm1')).toMatchObject({ seq: 1, text: '***', masked: true });
    expect(await service.rooms.send(ann, roomId, 'bad', 'm1')).toMatchObject({ seq: 1, text: '***', masked: true });
    const { entries } = service.state.readEvents(bob, { after: 0, limit: 10 }, service.clock.now());
    expect(entries.at(-1)!.body.data).toMatchObject({ message: '***' });
    puppet.answer = () => ({ verdict: 'pass' });
    expect(await service.rooms.send(ann, roomId, 'good')).not.toHaveProperty('masked');
    expect(said()).toEqual(['***', 'good']);
  });

  it('sends nothing that is refused', async () => {
    puppet.answer = () => ({ verdict: 'refuse', reason: 'rude' });
    const { ann, roomId } = people;
    await expect(service.rooms.send(ann, roomId, 'bad')).rejects.toMatchObject({ code: 'message_refused' });
    expect(said()).toEqual([]);
    expect(puppet.asked[0]).toEqual({ kind: 'message', text: 'bad', participantId: ann, roomId });
  });

  it('answers as it did the first time, whatever would be said of a message now', async () => {
    const { ann, roomId } = people;
    const first = await service.rooms.send(ann, roomId, 'hello', 'm1');
    puppet.answer = () => ({ verdict: 'refuse', reason: 'rude' });
    expect(await service.rooms.send(ann, roomId, 'hello', 'm1')).toEqual(first);
    await expect(service.rooms.send(ann, roomId, 'hello', 'm2')).rejects.toMatchObject({ code: 'message_refused' });
    puppet.answer = () => undefined;
    expect(await service.rooms.send(ann, roomId, 'hello', 'm1')).toEqual(first);
    expect(said()).toEqual(['hello']);
  });

  it('opens one case for what is flagged in a room, which nobody waits for, and none for what was sent before', async () => {
    puppet.answer = () => ({ verdict: 'flag', reason: 'odd' });
    const { ann, roomId } = people;
    const first = await service.rooms.send(ann, roomId, 'bad', 'm1');
    await service.rooms.send(ann, roomId, 'bad', 'm1');
    await service.rooms.send(ann, roomId, 'worse');
    expect(first).not.toHaveProperty('masked');
    await settled();
    const [summary, ...others] = service.cases.list({ limit: 10 }).items;
    expect(others).toEqual([]);
    const opened = service.cases.find(summary!.id)!;
    expect(opened.complaints).toMatchObject([{ reporter: null, reason: 'p: odd' }, { reason: 'p: odd' }]);
    expect(opened.evidence).toMatchObject({
      room: { roomId, kind: 'match', name: 'default' },
      reported: { user_id: ann, display_name: 'Ann' },
      messages: [{ text: 'bad' }],
    });
  });

  it('delivers what is flagged also when no case can be opened', async () => {
    puppet.answer = () => ({ verdict: 'flag', reason: 'odd' });
    jest.spyOn(service.cases, 'open').mockImplementation(() => {
      throw new Error('full');
    });
    await service.rooms.send(people.ann, people.roomId, 'bad');
    await settled();
    expect(said()).toEqual(['bad']);
  });

  it('makes one case of what several report of somebody, with what was said last', async () => {
    const { ann, bob, roomId } = people;
    await service.rooms.send(bob, roomId, 'rude words');
    await service.rooms.report(ann, roomId, bob, ' was\n  rude ');
    await service.rooms.report(ann, roomId, bob);
    const { items } = service.cases.list({ limit: 10 });
    expect(items).toMatchObject([{ complaints: 2, evidence: { reported: { user_id: bob } } }]);
    const { complaints, evidence } = service.cases.find(items[0]!.id)!;
    expect(complaints.map(({ reporter, reason }) => [reporter, reason])).toEqual([
      [ann, 'was rude'],
      [ann, ''],
    ]);
    expect(evidence.messages).toMatchObject([{ text: 'rude words', sender: { user_id: bob } }]);
    await expect(service.rooms.report(ann, roomId, bob, 'x'.repeat(1_001))).rejects.toMatchObject({
      code: 'invalid_arguments',
    });
    for (let i = 0; i < 8; i++) await service.rooms.report(ann, roomId, bob);
    await expect(service.rooms.report(ann, roomId, bob)).rejects.toMatchObject({
      ...{ code: 'rate_limited', message: 'Too many reports', details: { retry_after_seconds: 60 } },
    });
    await service.rooms.report(bob, roomId, ann);
  });
});
