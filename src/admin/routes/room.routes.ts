import { Injectable } from '@nestjs/common';
import { ModerationService } from '../../moderation/index.js';
import { OperationsService, OversightService } from '../../operations/index.js';
import { Room, room, Transcript, transcript } from '../answers/rooms.js';
import { RoomsInput, TranscriptInput } from '../inputs.js';
import { route, type RouteGroup } from '../route.js';
import { page } from '../schema.js';

/** Rooms, and under conditions what is said there. */
@Injectable()
export class RoomRoutes implements RouteGroup {
  readonly tag = 'Rooms';
  readonly routes = [
    route({
      method: 'GET',
      path: '/rooms',
      scope: 'parley:moderate',
      summary: 'Active rooms, oldest first',
      query: RoomsInput,
      answer: page('rooms', Room),
      handle: async ({ query: { pool: name, ...query } }) => {
        const { items, next = null } = await this.oversight.rooms({ ...query, ...(name !== undefined && { name }) });
        return { rooms: items.map(room), next };
      },
    }),
    route({
      method: 'GET',
      path: '/rooms/:room_id',
      scope: 'parley:moderate',
      summary: 'A room and who is in it',
      answer: Room,
      refusals: ['room_not_found'],
      handle: async ({ params }) => room(await this.oversight.room(params.room_id)),
    }),
    route({
      method: 'DELETE',
      path: '/rooms/:room_id',
      scope: 'parley:admin',
      summary: 'Close a room',
      description: 'Everybody in it hears `room.closed` with the reason `closed_by_operator`.',
      answer: Room,
      refusals: ['room_not_found', 'room_ended'],
      handle: async ({ actor, params }) => room(await this.operations.closeRoom(actor, params.room_id)),
    }),
    route({
      method: 'GET',
      path: '/rooms/:room_id/transcript',
      scope: 'parley:moderate',
      summary: 'What was said in a room',
      description: 'Only while the room is watched or a case of it is open. Each look is in the audit log.',
      query: TranscriptInput,
      answer: Transcript,
      refusals: ['room_not_found', 'not_allowed'],
      handle: async ({ actor, params, query: { why, ...query } }) =>
        transcript(await this.moderation.transcript(actor, params.room_id, query, why)),
    }),
    route({
      method: 'PUT',
      path: '/rooms/:room_id/watch',
      scope: 'parley:moderate',
      summary: 'Watch a room; its members are told',
      description: 'Where its pool allows supervision. It ends by itself 5 minutes after nobody has read.',
      answer: Room,
      refusals: ['room_not_found', 'room_ended', 'not_allowed'],
      handle: async ({ actor, params }) => room(await this.moderation.watch(actor, params.room_id)),
    }),
    route({
      method: 'DELETE',
      path: '/rooms/:room_id/watch',
      scope: 'parley:moderate',
      summary: 'Watch a room no longer; its members are told',
      answer: Room,
      refusals: ['room_not_found', 'room_ended'],
      handle: async ({ actor, params }) => room(await this.moderation.unwatch(actor, params.room_id)),
    }),
  ];

  constructor(
    private readonly oversight: OversightService,
    private readonly operations: OperationsService,
    private readonly moderation: ModerationService,
  ) {}
}
