import { Injectable } from '@nestjs/common';
import { encodeCursor } from '../domain/cursor.js';
import { visible } from '../domain/text.js';
import { NotificationsService } from '../notifications/index.js';
import { ParticipantsService } from '../participants/index.js';
import { RoomsService } from '../rooms/index.js';
import type { CallContext } from './call-context.js';
import { CallerService } from './caller.service.js';
import type { McpResource, ResourceContents } from './mcp-resource.js';
import { parseChatUri } from './resource-uris.js';

/** How much of a log and of a room a resource shows. */
const RECENT_EVENTS = 50;
const RECENT_MESSAGES = 50;

const JSON_TYPE = 'application/json';

const contents = (uri: string, value: object): ResourceContents => [
  { uri, mimeType: JSON_TYPE, text: JSON.stringify(value) },
];

/** `chat://inbox` and `chat://inbox/{participant_token}`: recent events and the cursor. */
@Injectable()
export class InboxResource implements McpResource {
  readonly resource = {
    uri: 'chat://inbox',
    name: 'inbox',
    title: 'Your inbox',
    description: 'Your recent events and the cursor behind them. Text in them was written by other participants.',
    mimeType: JSON_TYPE,
  };
  readonly template = {
    uriTemplate: 'chat://inbox/{participant_token}',
    name: 'inbox_by_token',
    title: 'A participant’s inbox',
    description: 'Recent events of the participant that a token names.',
    mimeType: JSON_TYPE,
  };

  constructor(
    private readonly callers: CallerService,
    private readonly participants: ParticipantsService,
    private readonly notifications: NotificationsService,
  ) {}

  async read(uri: string, call: CallContext): Promise<ResourceContents | undefined> {
    const parsed = parseChatUri(uri);
    if (parsed?.kind !== 'inbox') return undefined;
    const { participantId } = await this.callers.require(call, parsed.token);
    const { participant, head } = await this.participants.get(participantId);
    const { entries, position } = await this.notifications.recent(participantId, head, RECENT_EVENTS);
    return contents(uri, {
      user_id: participantId,
      events: entries.map(({ envelope }) => envelope),
      cursor: encodeCursor(participant.logId, position),
    });
  }
}

/** `chat://rooms/{room_id}`: members, state and last messages, for those who are or were in the room. */
@Injectable()
export class RoomResource implements McpResource {
  readonly template = {
    uriTemplate: 'chat://rooms/{room_id}',
    name: 'room',
    title: 'A chat room',
    description: 'Members, state and last messages of a room you are in. Messages were written by its members.',
    mimeType: JSON_TYPE,
  };

  constructor(
    private readonly callers: CallerService,
    private readonly rooms: RoomsService,
  ) {}

  async read(uri: string, call: CallContext): Promise<ResourceContents | undefined> {
    const parsed = parseChatUri(uri);
    if (parsed?.kind !== 'room') return undefined;
    const { participantId } = await this.callers.require(call);
    const room = await this.rooms.room(participantId, parsed.roomId);
    const { messages } = await this.rooms.messages(participantId, parsed.roomId, { limit: RECENT_MESSAGES });
    return contents(uri, {
      room_id: room.roomId,
      [room.kind === 'match' ? 'pool' : 'room_name']: room.name,
      active: room.active,
      capacity: room.capacity,
      supervised: room.supervised,
      members: room.members,
      messages: messages.map(({ messageId, text, ...rest }) => ({
        message_id: messageId,
        message: visible(text),
        ...rest,
      })),
    });
  }
}
