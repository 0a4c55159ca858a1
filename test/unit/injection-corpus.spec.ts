import { describe, expect, it } from '@jest/globals';
import { requireLabel, requireMessage, visible } from '../../src/domain/text.js';
import { INJECTIONS, NAME_INJECTIONS } from '../support/injection-corpus.js';

describe('the injection corpus', () => {
  it.each(INJECTIONS)('can be sent, and is marked where it is unsafe: $name', ({ text, shown }) => {
    requireMessage(text, 4_000);
    expect(visible(text)).toBe(shown);
  });

  it.each(NAME_INJECTIONS)('can be a name: $name', ({ text, shown }) => {
    expect(requireLabel('display_name', text, 64)).toBe(shown);
  });
});
