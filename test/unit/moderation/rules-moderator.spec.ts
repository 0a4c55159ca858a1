import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { RulesModerator } from '../../../src/adapters/moderation/rules-moderator.js';
import { until } from '../../support/until.js';

Logger.overrideLogger(false);

describe('RulesModerator', () => {
  let folder: string;
  let file: string;
  let moderator: RulesModerator | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-rules-'));
    file = join(folder, 'rules.json');
  });
  afterEach(() => {
    moderator?.close();
    rmSync(folder, { recursive: true });
  });

  const write = (...words: string[]) => writeFileSync(file, JSON.stringify([{ words, action: 'mask' }]));
  const masks = (text: string) =>
    moderator!.judge({ kind: 'message', text, participantId: 'p', roomId: 'r' }).verdict === 'mask';

  it('names the file, the rule and what is wrong with it', () => {
    expect(() => new RulesModerator(file, 4_000)).toThrow(/ENOENT.*rules\.json/);
    writeFileSync(file, '[{"words":["darn"],"action":"hide"}]');
    expect(() => new RulesModerator(file, 4_000)).toThrow(`${file}: rule 1: action must be mask, refuse or flag`);
  });

  it('reads the file again when it changes, and goes on with what it knows when it is wrong', () => {
    write('one');
    moderator = new RulesModerator(file, 4_000);
    expect([masks('one'), masks('two')]).toEqual([true, false]);
    const next = join(folder, 'next.json');
    writeFileSync(next, JSON.stringify([{ words: ['two'], action: 'mask' }]));
    renameSync(next, file);
    moderator.look();
    expect([masks('one'), masks('two')]).toEqual([false, true]);

    writeFileSync(file, 'nonsense');
    moderator.look();
    rmSync(file);
    moderator.look();
    expect(masks('two')).toBe(true);
    write('three');
    moderator.look();
    expect([masks('two'), masks('three')]).toEqual([false, true]);
  });

  it('looks at it by itself', async () => {
    write('one');
    moderator = new RulesModerator(file, 4_000);
    write('one', 'another');
    await until('the new rules', () => masks('another'));
  });
});
