import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createApiKey } from '../../../src/auth/index.js';
import { ApiKeyVerifier } from '../../../src/auth/verifiers/api-key.verifier.js';

Logger.overrideLogger(false);

describe('ApiKeyVerifier', () => {
  const make = (principal: string) => createApiKey({ principal, scopes: ['parley:chat'] });
  const [ann, annToo, ben] = [make('ann'), make('ann'), make('ben')];
  let folder: string;
  let file: string;
  let verifier: ApiKeyVerifier;
  let revoked: string[];
  const write = (...lines: string[]) => writeFileSync(file, lines.join('\n'));
  const known = (key: string) => !('refused' in verifier.verify(key));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-keys-'));
    file = join(folder, 'keys.jsonl');
    write(ann.line, annToo.line, ben.line);
    verifier = new ApiKeyVerifier(file);
    verifier.onModuleInit();
    revoked = [];
    verifier.onRevoked((principal) => revoked.push(principal));
  });
  afterEach(() => {
    verifier.onModuleDestroy();
    rmSync(folder, { recursive: true });
  });

  it('lets keys be exchanged, and tells of a principal when its last one is gone', () => {
    write(annToo.line, ben.line);
    verifier.look();
    expect([known(ann.key), known(annToo.key), revoked]).toEqual([false, true, []]);
    write(ben.line);
    verifier.look();
    expect([known(annToo.key), known(ben.key), revoked]).toEqual([false, true, ['api-key#ann']]);
  });

  it('changes nothing while the file is wrong or not there, and reads the one that takes its place', () => {
    write(ben.line, 'nonsense');
    verifier.look();
    rmSync(file);
    verifier.look();
    expect([known(ann.key), known(ben.key), revoked]).toEqual([true, true, []]);
    const next = join(folder, 'next.jsonl');
    writeFileSync(next, ann.line);
    renameSync(next, file);
    verifier.look();
    expect([known(ann.key), known(ben.key), revoked]).toEqual([true, false, ['api-key#ben']]);
  });
});
