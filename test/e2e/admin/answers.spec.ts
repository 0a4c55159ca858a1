import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Json } from '../http/wire.js';
import { ROWS } from './rows.js';
import { type Wish, World } from './world.js';

jest.setTimeout(60_000);

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly { readonly bearer: readonly string[] }[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Json;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content: Readonly<Record<string, { readonly schema: Json }>> }
    >
  >;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

const JSON_TYPE = 'application/json';

describe('what operators are answered', () => {
  let world: World;
  let admin: string;
  let document: Document;
  let ajv: Ajv2020;

  const operationOf = (route: string): Operation => {
    const [method, path] = route.split(' ') as [string, string];
    return document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]![method.toLowerCase()]!;
  };
  /** As the document has it; formats are looked at by hand. */
  const checkOf = (schema: Json): ValidateFunction => ajv.compile({ ...schema, components: document.components });
  const entries = async () =>
    (await world.ask('GET /audit', { query: { limit: '500' } }, admin)).body['entries'] as Json[];

  beforeAll(async () => {
    world = await World.start({ HISTORY_URL: 'memory:' });
    admin = await world.operator('ada', 'parley:admin');
    document = (await world.ask('GET /openapi.json', {}, admin)).body as unknown as Document;
    ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  });
  afterAll(() => world.close());

  describe('the document', () => {
    it('is OpenAPI 3.1 of just the routes that there are', () => {
      expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/admin' }] });
      expect(document.info.version).toMatch(/^\d+\.\d+\.\d+$/);
      const told = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
      );
      expect(told.sort()).toEqual(world.registered);
    });

    it('says of each route what it is for, who may, what it takes and what it answers', () => {
      const ids = new Set<string>();
      const tags = new Set(document.tags.map(({ name }) => name));
      for (const route of world.registered) {
        const operation = operationOf(route);
        expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
        expect(operation.tags.every((tag) => tags.has(tag))).toBe(true);
        expect(operation.operationId).toMatch(/^[a-z]\w+$/i);
        ids.add(operation.operationId);
        const wanted = ROWS[route]!.moderator === 'served' ? 'parley:moderate' : 'parley:admin';
        expect([route, operation.security]).toEqual([route, [{ bearer: [wanted] }]]);
        const inPath = Array.from(route.matchAll(/:(\w+)/g), ([, name]) => name);
        const parameters = operation.parameters ?? [];
        expect(parameters.filter((each) => each.in === 'path').map(({ name }) => name)).toEqual(inPath);
        expect(parameters.filter((each) => each.in === 'path').every(({ required }) => required)).toBe(true);
        expect(new Set(parameters.map((each) => `${each.in} ${each.name}`)).size).toBe(parameters.length);
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', 'default']));
        expect(Object.values(operation.responses).every(({ description }) => description !== '')).toBe(true);
      }
      expect(ids.size).toBe(world.registered.length);
    });

    it('holds schemas that are right, and refers to none that it does not hold', () => {
      const text = JSON.stringify(document);
      const named = Object.keys(document.components.schemas);
      const referred = new Set(Array.from(text.matchAll(/"#\/components\/schemas\/(\w+)"/g), ([, name]) => name!));
      expect([...referred].sort()).toEqual([...named].sort());
      for (const methods of Object.values(document.paths)) {
        for (const { parameters = [], requestBody, responses } of Object.values(methods)) {
          const schemas = [
            ...parameters.map(({ schema }) => schema),
            ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
            ...Object.values(responses).map(({ content }) => content[JSON_TYPE]!.schema),
          ];
          for (const schema of schemas) {
            expect(ajv.validateSchema(schema)).toBe(true);
            checkOf(schema);
          }
        }
      }
    });
  });

  describe('a list', () => {
    const pagesOf = async (route: string, wish: Wish, key: string, id: string) => {
      const found: unknown[] = [];
      let after: string | null = null;
      do {
        const query = { ...wish.query, limit: '1', ...(after !== null && { after }) };
        const { body } = await world.ask(route, { ...wish, query }, admin);
        const items = body[key] as Json[];
        expect(items.length).toBeLessThanOrEqual(1);
        found.push(...items.map((item) => item[id]));
        after = body['next'] as string | null;
      } while (after !== null);
      return found;
    };

    it('comes in parts, in which each thing is once and in order', async () => {
      const tickets = [await world.ticket('mentors'), await world.ticket('mentors'), await world.ticket('mentors')];
      const params = { pool: 'mentors' };
      expect(await pagesOf('GET /pools/:pool/tickets', { params }, 'tickets', 'ticket_id')).toEqual(tickets);
      const rooms = [(await world.talk()).roomId, (await world.talk()).roomId];
      expect(await pagesOf('GET /rooms', { query: { pool: 'default' } }, 'rooms', 'room_id')).toEqual(rooms);
      const mutes = [await world.mute(admin), await world.mute(admin)];
      expect(await pagesOf('GET /sanctions', {}, 'sanctions', 'id')).toEqual(mutes.reverse());
      const cases = [(await world.report(admin)).caseId, (await world.report(admin)).caseId];
      expect(await pagesOf('GET /cases', {}, 'cases', 'id')).toEqual(cases.reverse());
      const webhooks = [await world.webhook(), await world.webhook()];
      expect(await pagesOf('GET /webhooks', {}, 'webhooks', 'id')).toEqual(webhooks);
      const actions = await pagesOf('GET /audit', {}, 'entries', 'action');
      expect(actions).toEqual(['participant.mute', 'participant.mute']);
    });
  });

  describe.each(Object.entries(ROWS))('%s', (route, { wish, action }) => {
    it(`answers as the document says${action === undefined ? '' : `, and leaves ${action} in the audit log`}`, async () => {
      const asked = (await wish?.(world, admin)) ?? {};
      const { requestBody, responses } = operationOf(route);
      if (asked.body) expect(checkOf(requestBody!.content[JSON_TYPE]!.schema)(asked.body)).toBe(true);
      const before = (await entries()).length;
      const { status, body } = await world.ask(route, asked, admin);
      const check = checkOf(responses[status]!.content[JSON_TYPE]!.schema);
      expect([check(body), check.errors]).toEqual([true, null]);
      const after = await entries();
      expect(after.length - before).toBe(action === undefined ? 0 : 1);
      if (action === undefined) {
        expect([route, route.startsWith('GET ')]).toEqual([route, true]);
        return;
      }
      const subject = Object.values(asked.params ?? {})[0];
      expect(after[0]).toMatchObject({
        actor: `${world.authority.issuer}#ada`,
        action,
        outcome: 'done',
        ...(subject !== undefined && { subject }),
      });
    });
  });

  it('is a failure in one form, whatever is wrong', async () => {
    const check = checkOf({ $ref: '#/components/schemas/Failure' });
    const cases: readonly [
      route: string,
      wish: Parameters<World['ask']>[1],
      status: number,
      code: string,
      error: RegExp,
    ][] = [
      ['GET /pools/:pool', { params: { pool: 'nope' } }, 404, 'unknown_pool', /Unknown pool "nope"/],
      [
        'GET /rooms',
        { query: { limit: '0' } },
        400,
        'invalid_arguments',
        /^limit must be a whole number from 1 to 500$/,
      ],
      [
        'GET /rooms',
        { query: { limit: 'x', much: '1' } },
        400,
        'invalid_arguments',
        /much is not known in the query; limit must/,
      ],
      ['GET /rooms', { query: { after: 'nowhere' } }, 400, 'invalid_arguments', /after/],
      ['GET /webhooks', { query: { after: 'nowhere' } }, 400, 'invalid_arguments', /after/],
      ['GET /pools', { query: { x: '1' } }, 400, 'invalid_arguments', /x is not known in the query/],
      ['GET /rooms/:room_id', { params: { room_id: 'nope' } }, 404, 'room_not_found', /Room not found/],
      ['GET /participants', {}, 400, 'invalid_arguments', /^principal must be given$/],
      ['GET /participants/:user_id', { params: { user_id: 'nope' } }, 404, 'participant_not_found', /not found/],
      ['GET /cases/:id', { params: { id: 'nope' } }, 404, 'case_not_found', /not found/],
      ['DELETE /webhooks/:id', { params: { id: 'nope' } }, 404, 'webhook_not_found', /not found/],
      ['DELETE /sanctions/:id', { params: { id: 'nope' } }, 404, 'sanction_not_found', /not found/],
      ['DELETE /tickets/:ticket_id', { params: { ticket_id: 'nope' } }, 404, 'ticket_not_found', /not found/],
      ['POST /instances/:id/drain', { params: { id: 'nope' } }, 404, 'instance_not_found', /not found/],
      ['PATCH /pools/:pool', { params: { pool: 'default' }, body: {} }, 400, 'invalid_arguments', /what to change/],
      [
        'PATCH /pools/:pool',
        { params: { pool: 'default' }, body: { mode: 'shut' } },
        400,
        'invalid_arguments',
        /mode must be one of open, paused/,
      ],
      [
        'PATCH /pools/:pool',
        { params: { pool: 'default' }, body: { strategy: 'no-such-package' } },
        400,
        'invalid_arguments',
        /no-such-package/,
      ],
      [
        'PATCH /pools/:pool',
        { params: { pool: 'default' }, body: { options: {} } },
        400,
        'invalid_arguments',
        /what to change/,
      ],
      ['POST /sanctions', { body: { kind: 'ban', reason: 'x' } }, 400, 'invalid_arguments', /user_id and principal/],
      [
        'POST /sanctions',
        { body: { kind: 'ban', reason: 'x', user_id: 'nope' } },
        404,
        'participant_not_found',
        /not found/,
      ],
      [
        'POST /sanctions',
        { body: { kind: 'ban', reason: 'x', user_id: 'n', until: 'soon' } },
        400,
        'invalid_arguments',
        /until must be a time/,
      ],
    ];
    for (const [route, wish, status, code, error] of cases) {
      const said = await world.ask(route, wish, admin);
      expect([route, said.status, said.body]).toEqual([route, status, expect.objectContaining({ code })]);
      expect(said.body['error']).toMatch(error);
      expect(check(said.body)).toBe(true);
    }
  });
});
