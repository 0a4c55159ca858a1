import type { Wish, World } from './world.js';

export type Verdict = 'unauthenticated' | 'forbidden' | 'served';

/** Who may what, and how it is asked for. */
export interface Row {
  readonly nobody: Verdict;
  /** Signed in, and may only talk. */
  readonly participant: Verdict;
  readonly moderator: Verdict;
  readonly admin: Verdict;
  /** Makes what the request is about. @param token of an admin */
  readonly wish?: (world: World, token: string) => Wish | Promise<Wish>;
  /** What the audit log calls it; without one it leaves no entry. */
  readonly action?: string;
}

const SIGNED_OUT = { nobody: 'unauthenticated', participant: 'forbidden' } as const;
const MODERATORS = { ...SIGNED_OUT, moderator: 'served', admin: 'served' } as const;
const ADMINS = { ...SIGNED_OUT, moderator: 'forbidden', admin: 'served' } as const;

/** Every route of operators, in the order in which they are tried: what ends the service comes last. */
export const ROWS: Readonly<Record<string, Row>> = {
  'GET /overview': MODERATORS,
  'GET /figures': { ...ADMINS, wish: () => ({ query: { since: '0' } }) },
  'GET /openapi.json': MODERATORS,

  'GET /pools': ADMINS,
  'GET /pools/:pool': { ...ADMINS, wish: () => ({ params: { pool: 'default' } }) },
  'PATCH /pools/:pool': {
    ...ADMINS,
    wish: () => ({ params: { pool: 'mentors' }, body: { mode: 'paused', strategy: 'priority' } }),
    action: 'pool.pause',
  },
  'GET /pools/:pool/tickets': {
    ...ADMINS,
    wish: async (world) => {
      await world.ticket();
      return { params: { pool: 'quiet' }, query: { limit: '1' } };
    },
  },
  'DELETE /tickets/:ticket_id': {
    ...ADMINS,
    wish: async (world) => ({ params: { ticket_id: await world.ticket() } }),
    action: 'ticket.remove',
  },
  'POST /tickets/:ticket_id/move': {
    ...ADMINS,
    wish: async (world) => ({ params: { ticket_id: await world.ticket() }, body: { pool: 'mentors' } }),
    action: 'ticket.move',
  },
  'GET /decisions': { ...ADMINS, wish: () => ({ query: { pool: 'default', limit: '3' } }) },

  'GET /rooms': {
    ...MODERATORS,
    wish: async (world) => {
      await world.talk();
      return { query: { pool: 'default', limit: '2' } };
    },
  },
  'GET /rooms/:room_id': {
    ...MODERATORS,
    wish: async (world) => ({ params: { room_id: (await world.talk()).roomId } }),
  },
  'DELETE /rooms/:room_id': {
    ...ADMINS,
    wish: async (world) => ({ params: { room_id: (await world.talk()).roomId } }),
    action: 'room.close',
  },
  'GET /rooms/:room_id/transcript': {
    ...MODERATORS,
    wish: async (world, token) => ({
      params: { room_id: (await world.report(token)).roomId },
      query: { limit: '10', why: 'a case' },
    }),
    action: 'room.transcript',
  },
  'PUT /rooms/:room_id/watch': {
    ...MODERATORS,
    wish: async (world) => ({ params: { room_id: (await world.talk()).roomId } }),
    action: 'room.watch',
  },
  'DELETE /rooms/:room_id/watch': {
    ...MODERATORS,
    wish: async (world) => ({ params: { room_id: (await world.talk()).roomId } }),
    action: 'room.unwatch',
  },

  'GET /participants': {
    ...MODERATORS,
    wish: async (world) => ({ query: { principal: (await world.talk()).annPrincipal } }),
  },
  'GET /participants/:user_id': {
    ...MODERATORS,
    wish: async (world) => ({ params: { user_id: (await world.talk()).annId } }),
  },
  'POST /participants/:user_id/disconnect': {
    ...MODERATORS,
    wish: async (world) => ({ params: { user_id: (await world.talk()).annId } }),
    action: 'participant.disconnect',
  },
  'DELETE /participants/:user_id': {
    ...ADMINS,
    wish: async (world) => ({ params: { user_id: (await world.talk()).annId } }),
    action: 'participant.forget',
  },

  'GET /sanctions': {
    ...MODERATORS,
    wish: async (world, token) => {
      await world.mute(token);
      return { query: { limit: '2' } };
    },
  },
  'POST /sanctions': {
    ...MODERATORS,
    wish: async (world) => ({
      body: { kind: 'ban', user_id: (await world.talk()).annId, reason: 'rude', until: '2100-01-01T00:00:00Z' },
    }),
    action: 'participant.ban',
  },
  'DELETE /sanctions/:id': {
    ...MODERATORS,
    wish: async (world, token) => ({ params: { id: await world.mute(token) } }),
    action: 'sanction.lift',
  },
  'GET /cases': {
    ...MODERATORS,
    wish: async (world, token) => {
      await world.report(token);
      return { query: { state: 'open' } };
    },
  },
  'GET /cases/:id': {
    ...MODERATORS,
    wish: async (world, token) => ({ params: { id: (await world.report(token)).caseId } }),
    action: 'case.read',
  },
  'POST /cases/:id/resolve': {
    ...MODERATORS,
    wish: async (world, token) => ({ params: { id: (await world.report(token)).caseId }, body: { note: 'talked' } }),
    action: 'case.resolve',
  },

  'GET /webhooks': {
    ...ADMINS,
    wish: async (world) => {
      await world.webhook();
      return { query: { limit: '1' } };
    },
  },
  'DELETE /webhooks/:id': {
    ...ADMINS,
    wish: async (world) => ({ params: { id: await world.webhook() } }),
    action: 'webhook.end',
  },
  'GET /instances': ADMINS,
  'GET /audit': { ...ADMINS, wish: () => ({ query: { limit: '5' } }) },
  'POST /instances/:id/drain': {
    ...ADMINS,
    wish: async (world, token) => {
      const { body } = await world.ask('GET /instances', {}, token);
      return { params: { id: (body['this'] as { id: string }).id } };
    },
    action: 'instance.drain',
  },
  'POST /drain': { ...ADMINS, action: 'instance.drain' },
};
