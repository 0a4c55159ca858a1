import type { IncomingMessage } from 'node:http';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { AuthService, type Grant } from '../../../src/auth/index.js';
import { loadConfig } from '../../../src/config/index.js';
import type { Identity, IdentityVerifier, Refusal } from '../../../src/ports/identity-verifier.js';
import { FakeClock } from '../../../src/testing/index.js';
import { settled } from '../../support/fakes.js';

const request = (token: string) => ({ url: '/mcp', headers: { authorization: `Bearer ${token}` } }) as IncomingMessage;

class FakeVerifier implements IdentityVerifier {
  readonly asked: string[] = [];
  down = false;
  answer = (token: string): Identity | Refusal => ({
    principal: token.split('.')[0]!,
    scopes: new Set(['parley:chat']),
    expiresAt: null,
    attributes: {},
  });

  async verify(token: string): Promise<Identity | Refusal> {
    this.asked.push(token);
    if (this.down) throw new Error('down');
    return this.answer(token);
  }
}

describe('AuthService', () => {
  let clock: FakeClock;
  let verifier: FakeVerifier;
  let auth: AuthService;
  beforeEach(() => {
    clock = new FakeClock();
    verifier = new FakeVerifier();
    auth = new AuthService(verifier, loadConfig({ AUTH_CACHE_SECONDS: '60', AUTH_CACHE_TOKENS: '2' }), clock);
  });

  const admitted = async (token: string) => (await auth.authenticate(request(token))) as Grant;
  const watch = async (token: string) => {
    const watched = { ended: 0, stop: () => undefined as void };
    watched.stop = (await admitted(token)).onEnd(request(token), () => watched.ended++);
    return watched;
  };
  const look = async () => {
    auth.look();
    await settled();
  };

  it('answers at once for a token it knows, until it has to be verified again', async () => {
    const first = await admitted('ann');
    expect(auth.authenticate(request('ann'))).toBe(first);
    clock.advance(59_999);
    expect(auth.authenticate(request('ann'))).toBe(first);
    expect(verifier.asked).toEqual(['ann']);
    clock.advance(1);
    await admitted('ann');
    expect(verifier.asked).toEqual(['ann', 'ann']);
  });

  it('believes no token longer than it lasts', async () => {
    const expiresAt = clock.now() + 10_000;
    const { answer } = verifier;
    verifier.answer = (token) => ({ ...(answer(token) as Identity), expiresAt });
    await admitted('ann');
    clock.advance(9_999);
    await admitted('ann');
    expect(verifier.asked).toHaveLength(1);
    clock.advance(1);
    await expect(admitted('ann')).rejects.toMatchObject({ status: 401, message: 'The token has expired' });
  });

  it('remembers so many tokens and no more', async () => {
    for (const token of ['ann', 'ben', 'cleo', 'cleo', 'ben', 'ann']) await admitted(token);
    expect(verifier.asked).toEqual(['ann', 'ben', 'cleo', 'ann']);
    verifier.answer = () => ({ refused: 'No' });
    for (const token of ['x', 'y', 'z', 'z', 'x']) await expect(admitted(token)).rejects.toMatchObject({ status: 401 });
    expect(verifier.asked.slice(4)).toEqual(['x', 'y', 'z', 'x']);
  });

  it('ends once, with the token, what depends on it, unless that has ended itself', async () => {
    const { answer } = verifier;
    verifier.answer = (token) => ({ ...(answer(token) as Identity), expiresAt: 5_000 + clock.now() });
    const [stays, goes] = [await watch('ann'), await watch('ann')];
    goes.stop();
    clock.advance(4_999);
    await look();
    expect(stays.ended).toBe(0);
    clock.advance(1);
    await look();
    await look();
    expect([stays.ended, goes.ended]).toEqual([1, 0]);
  });

  it.each<[string, (token: string) => Identity | Refusal]>([
    ['is refused', () => ({ refused: 'Revoked' })],
    ['lacks the scope', () => ({ principal: 'ann', scopes: new Set(), expiresAt: null, attributes: {} })],
    [
      'is somebody else’s',
      () => ({ principal: 'eve', scopes: new Set(['parley:chat']), expiresAt: null, attributes: {} }),
    ],
  ])('ends what depends on a token that by now %s, and nothing while nobody can tell', async (_, answer) => {
    const watched = await watch('ann');
    clock.advance(60_000);
    verifier.down = true;
    await look();
    await look();
    expect(watched.ended).toBe(0);
    await expect(admitted('ann')).rejects.toMatchObject({ status: 503 });
    verifier.down = false;
    verifier.answer = answer;
    await look();
    expect(watched.ended).toBe(1);
  });

  it('ends what depends on a token that was refused to another request meanwhile', async () => {
    const watched = await watch('ann');
    clock.advance(60_000);
    verifier.answer = () => ({ refused: 'Revoked' });
    await expect(admitted('ann')).rejects.toMatchObject({ status: 401 });
    expect(watched.ended).toBe(1);
  });

  it('ends all that a principal was allowed when it is revoked, and nothing of others', async () => {
    const [laptop, phone, ben] = [await watch('ann.laptop'), await watch('ann.phone'), await watch('ben')];
    const revoked: string[] = [];
    auth.revoked.subscribe((principal) => revoked.push(principal));
    auth.revoke('ann');
    expect([laptop.ended, phone.ended, ben.ended, revoked]).toEqual([1, 1, 0, ['ann']]);
    await admitted('ann.laptop');
    expect(verifier.asked).toEqual(['ann.laptop', 'ann.phone', 'ben', 'ann.laptop']);
  });
});
