import { describe, expect, it } from '@jest/globals';
import { type KeyValueStorage, type Saved, SessionStorage } from '../../../src/client/index.js';

const SAVED: Saved = {
  participantToken: 'pt_1',
  displayName: 'Ann',
  wish: { displayName: 'Ann', pool: 'chess', interests: ['go'], groupSize: 3 },
};

function browser(): KeyValueStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

describe('SessionStorage', () => {
  it('keeps who one is over a reload, until it is cleared', () => {
    const tab = browser();
    new SessionStorage('chat', () => tab).save(SAVED);
    const reloaded = new SessionStorage('chat', () => tab);
    expect(reloaded.load()).toEqual(SAVED);
    expect(new SessionStorage('other', () => tab).load()).toBeUndefined();
    reloaded.clear();
    expect(tab.items.size).toBe(0);
    expect(reloaded.load()).toBeUndefined();
  });

  it.each(['{', 'null', '7', '[]', '{"participantToken":7,"displayName":"Ann"}', '{"participantToken":"pt_1"}'])(
    'knows nothing when %s is stored',
    (garbage) => {
      const tab = browser();
      tab.setItem('parley', garbage);
      expect(new SessionStorage('parley', () => tab).load()).toBeUndefined();
    },
  );

  it('leaves out a wish that is none', () => {
    const tab = browser();
    for (const wish of [{}, { displayName: 'Ann', interests: [7] }, { displayName: 'Ann', groupSize: '3' }, 'no']) {
      tab.setItem('parley', JSON.stringify({ ...SAVED, wish }));
      expect(new SessionStorage('parley', () => tab).load()).toEqual({ participantToken: 'pt_1', displayName: 'Ann' });
    }
  });

  it('is no hindrance where the browser forbids storage', () => {
    const forbidden = new SessionStorage('parley', () => {
      throw new Error('SecurityError');
    });
    forbidden.save(SAVED);
    forbidden.clear();
    expect(forbidden.load()).toBeUndefined();
    const full = new SessionStorage('parley', () => ({
      ...browser(),
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    }));
    full.save(SAVED);
    expect(full.load()).toBeUndefined();
  });

  it('finds no storage outside a browser', () => {
    expect(new SessionStorage().load()).toBeUndefined();
  });
});
