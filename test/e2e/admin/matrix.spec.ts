import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ROWS, type Verdict } from './rows.js';
import { type Said, World } from './world.js';

jest.setTimeout(60_000);

/** `served`, or the code of what it was refused with. */
const verdictOf = ({ status, body }: Said): string => (status < 300 ? 'served' : String(body['code']));

describe('who may operate', () => {
  let world: World;
  let admin: string;
  /** By the name of their column. */
  let tokens: Readonly<Record<'nobody' | 'participant' | 'moderator' | 'admin', string | undefined>>;

  beforeAll(async () => {
    world = await World.start();
    admin = await world.operator('ada', 'parley:admin');
    tokens = {
      nobody: undefined,
      participant: await world.operator('pat', 'parley:chat'),
      moderator: await world.operator('mo', 'parley:moderate'),
      admin,
    };
  });
  afterAll(() => world.close());

  it('is said here of every route that there is', () => {
    expect(world.registered).toEqual(Object.keys(ROWS).sort());
  });

  it('is said of every route in docs/admin.md, too', () => {
    const guide = readFileSync(new URL('../../../docs/admin.md', import.meta.url), 'utf8');
    const told = Array.from(
      guide.matchAll(/^\| `([A-Z]+) \/admin(\/\S+)` +\| `(\S+)` /gm),
      ([, method, path, scope]) => [`${method} ${path}`, scope],
    );
    const scopes = Object.entries(ROWS).map(([route, { moderator }]) => [
      route,
      moderator === 'served' ? 'parley:moderate' : 'parley:admin',
    ]);
    expect(told.sort()).toEqual(scopes.sort());
  });

  describe.each(Object.entries(ROWS))('%s', (route, row) => {
    it.each(['nobody', 'participant', 'moderator', 'admin'] as const)(`is for %s as the table says`, async (who) => {
      const expected: Verdict = row[who];
      // Whoever is refused is refused whatever they ask for; a moderator and an admin must not be tried on the same thing.
      const wish = expected === 'served' ? await row.wish?.(world, admin) : { params: NOTHING };
      const said = await world.ask(route, wish, tokens[who]);
      expect([said.body, verdictOf(said)]).toEqual([said.body, expected]);
      expect(said.headers.get('cache-control')).toBe('no-store');
      const challenge = said.headers.get('www-authenticate') ?? '';
      if (expected === 'unauthenticated')
        expect([said.status, challenge]).toEqual([401, expect.stringMatching(/^Bearer .*resource_metadata=/)]);
      if (expected === 'forbidden') {
        const scope = row.moderator === 'served' ? 'parley:moderate' : 'parley:admin';
        expect([said.status, challenge]).toEqual([403, expect.stringContaining(`scope="${scope}"`)]);
      }
    });
  });

  it('is no secret told to strangers: a route that there is not looks like one that there is', async () => {
    expect((await world.ask('GET /nothing')).status).toBe(401);
    expect((await world.ask('GET /nothing', {}, tokens.participant)).status).toBe(403);
    const { status, body } = await world.ask('GET /nothing', {}, admin);
    expect([status, body['code']]).toEqual([404, 'not_found']);
  });
});

/** Any value for any parameter. */
const NOTHING = new Proxy<Record<string, string>>({}, { get: () => 'nothing' });
