import { describe, expect, it } from '@jest/globals';
import type { ChatState } from '../../../src/client/index.js';
import { existing, follow, LIST, neighbour, type Places, START, type View } from '../../../web/src/ui/view.js';

const room = (roomId: string, active = true) => ({ roomId, active }) as ChatState['conversations'][number];
const ticket = (ticketId: string) => ({ ticketId }) as ChatState['tickets'][number];
const places = (conversations: Places['conversations'] = [], tickets: Places['tickets'] = []): Places => ({
  conversations,
  tickets,
});
const inRoom = (id: string): View => ({ at: 'room', id });
const atTicket = (id: string): View => ({ at: 'ticket', id });

describe('what the person looks at', () => {
  it('follows from the form to the place in the queue, and on to the conversation', () => {
    const waiting = places([], [ticket('t')]);
    expect(follow(START, places(), waiting)).toEqual(atTicket('t'));
    expect(follow(atTicket('t'), waiting, places([room('a')]))).toEqual(inRoom('a'));
  });

  it('stays with a conversation that goes on when another one begins', () => {
    const before = places([room('a')], [ticket('t')]);
    expect(follow(inRoom('a'), before, places([room('a'), room('b')]))).toEqual(inRoom('a'));
  });

  it('leaves a conversation that has ended for the next one', () => {
    const ended = places([room('a', false)]);
    expect(follow(inRoom('a'), places([room('a')]), ended)).toEqual(inRoom('a'));
    expect(follow(inRoom('a'), ended, places([room('a', false)], [ticket('t')]))).toEqual(atTicket('t'));
  });

  it('goes elsewhere when what it showed is gone: to a conversation, a queue, the form', () => {
    expect(existing(inRoom('x'), places([room('a'), room('b', false)], [ticket('t')]))).toEqual(inRoom('a'));
    expect(existing(inRoom('x'), places([], [ticket('t')]))).toEqual(atTicket('t'));
    expect(existing(atTicket('x'), places())).toEqual(START);
    expect(existing(LIST, places())).toEqual(START);
    expect(existing(LIST, places([room('a')]))).toEqual(LIST);
  });

  it('steps through the list from top to bottom and round again', () => {
    const all = places([room('old'), room('new')], [ticket('t')]);
    const way = [START, ...Array.from({ length: 3 })].reduce<View[]>(
      (seen) => [...seen, neighbour(seen.at(-1)!, 1, all)],
      [START],
    );
    expect(way.slice(1)).toEqual([atTicket('t'), inRoom('new'), inRoom('old'), atTicket('t')]);
    expect(neighbour(atTicket('t'), -1, all)).toEqual(inRoom('old'));
    expect(neighbour(START, -1, all)).toEqual(inRoom('old'));
    expect(neighbour(START, 1, places())).toEqual(START);
  });
});
