import { decodeCursor } from '../domain/cursor.js';
import { isRefusal } from '../domain/errors.js';
import { type LiveData, type LiveName, type LogEntry } from '../domain/event.js';
import type { EventListener, NotificationsService } from '../notifications/index.js';
import type { ParticipantsService } from '../participants/index.js';
import type { RoomsService } from '../rooms/index.js';
import type { CallContext } from './call-context.js';
import type { CallerService } from './caller.service.js';
import { eventJson, liveJson, messageFrame, subscriptionMeta, updatedJson } from './event-frames.js';
import { isObject, notificationJson, resultJson } from './json-rpc.js';
import { CHAT_EXTENSION, Code, RpcError, SUBSCRIPTION_ID_META_KEY } from './protocol.js';
import { parseChatUri, roomUri } from './resource-uris.js';
import type { SseStream } from './sse-streams.js';

/** Most resource URIs that one request may subscribe to. */
const MAX_URIS = 100;

/** What one participant asked to hear on a stream, and from where. */
interface Ear {
  readonly logId: string;
  position: number;
  /** Custom notifications, by Parley's extension. */
  chat: boolean;
  /** Inbox URIs, as the client wrote them: any event updates them. */
  readonly inboxes: Set<string>;
  /** Rooms whose events update `chat://rooms/{room_id}`. */
  readonly rooms: Set<string>;
}

/** A `subscriptions/listen` request, checked: who listens to what, and what of the filter is honoured. */
export interface ListenPlan {
  readonly ears: ReadonlyMap<string, Ear>;
  readonly honoured: Readonly<Record<string, unknown>>;
}

/**
 * Reads the filter of `subscriptions/listen` (MCP 2026-07-28, basic/patterns/subscriptions). What Parley does not have
 * or the caller may not hear is left out of what is honoured; a wrong token or cursor in Parley's own key is an error.
 * @throws RpcError InvalidParams
 */
export async function planListening(
  params: Readonly<Record<string, unknown>>,
  call: CallContext,
  callers: CallerService,
  participants: ParticipantsService,
  rooms: RoomsService,
): Promise<ListenPlan> {
  const filter = params['notifications'];
  if (!isObject(filter)) throw invalid('notifications is required and must be an object');
  const ears = new Map<string, Ear>();
  const earOf = async (participantId: string) => {
    let ear = ears.get(participantId);
    if (!ear) {
      const { participant, head } = await participants.get(participantId);
      ear = { logId: participant.logId, position: head, chat: false, inboxes: new Set(), rooms: new Set() };
      ears.set(participantId, ear);
    }
    return ear;
  };

  const honoured: Record<string, unknown> = {};
  let proven: string | undefined;
  const chat = filter[CHAT_EXTENSION];
  if (chat !== undefined) {
    const { token, cursor } = chatFilter(chat);
    const named = async () => callers.require(call, token);
    const { participantId } = await named().catch(asInvalid);
    const ear = await earOf(participantId);
    ear.chat = true;
    if (cursor !== undefined) ear.position = positionOf(cursor, ear.logId);
    honoured[CHAT_EXTENSION] = {};
    proven = participantId;
  }

  const uris = await honouredUris(filter['resourceSubscriptions'], async (uri) => {
    const parsed = parseChatUri(uri);
    if (!parsed) return false;
    const caller = await callers.find(call, parsed.kind === 'inbox' ? parsed.token : undefined);
    const participantId = caller?.participantId ?? proven;
    if (participantId === undefined) return false;
    if (parsed.kind === 'room') {
      await rooms.room(participantId, parsed.roomId);
      (await earOf(participantId)).rooms.add(parsed.roomId);
    } else {
      (await earOf(participantId)).inboxes.add(uri);
      proven ??= participantId;
    }
    return true;
  });
  if (uris.length > 0) honoured['resourceSubscriptions'] = uris;
  return { ears, honoured };
}

function chatFilter(chat: unknown): { token: string | undefined; cursor: string | undefined } {
  if (!isObject(chat)) throw invalid(`${CHAT_EXTENSION} must be an object`);
  const { participant_token: token, cursor, ...unknown } = chat;
  const [extra] = Object.keys(unknown);
  if (extra !== undefined) throw invalid(`${CHAT_EXTENSION} has an unknown key ${JSON.stringify(extra.slice(0, 100))}`);
  if (token !== undefined && typeof token !== 'string') throw invalid('participant_token must be a string');
  if (cursor !== undefined && typeof cursor !== 'string') throw invalid('cursor must be a string');
  return { token, cursor };
}

function positionOf(cursor: string, logId: string): number {
  const position = decodeCursor(logId, cursor);
  if (position === undefined) throw invalid('cursor is not one of this participant');
  return position;
}

async function honouredUris(list: unknown, accept: (uri: string) => Promise<boolean>): Promise<string[]> {
  if (list === undefined) return [];
  if (!Array.isArray(list) || !list.every((uri) => typeof uri === 'string')) {
    throw invalid('resourceSubscriptions must be a list of strings');
  }
  if (list.length > MAX_URIS) throw invalid(`resourceSubscriptions has more than ${MAX_URIS} entries`);
  const honoured: string[] = [];
  for (const uri of list) {
    const accepted = await accept(uri).catch((error: unknown) => {
      if (isRefusal(error)) return false;
      throw error;
    });
    if (accepted) honoured.push(uri);
  }
  return honoured;
}

const invalid = (message: string) => new RpcError(Code.InvalidParams, message);

function asInvalid(error: unknown): never {
  throw isRefusal(error) ? invalid(error.message) : error;
}

/** The stream that answers `subscriptions/listen`. Every message on it carries the request's id. */
export class ListenStream {
  readonly #meta: string;
  readonly #stops: (() => void)[] = [];

  /** @throws ChatError `too_many_streams`, before anything is sent */
  constructor(
    call: CallContext,
    { ears, honoured }: ListenPlan,
    notifications: NotificationsService,
    open: () => SseStream,
  ) {
    const { id } = call;
    this.#meta = subscriptionMeta(id);
    for (const participantId of ears.keys()) notifications.requireStreamLeft(participantId);
    const sse = open();
    sse.onClose(() => this.#stops.forEach((stop) => stop()));
    sse.onFinish(() => messageFrame(resultJson(id, `{"resultType":"complete","_meta":{${this.#meta.slice(1)}}}`)));
    const acknowledged = { _meta: { [SUBSCRIPTION_ID_META_KEY]: id }, notifications: honoured };
    sse.write(messageFrame(notificationJson('notifications/subscriptions/acknowledged', acknowledged)));
    for (const [participantId, ear] of ears) {
      this.#stops.push(notifications.listen(participantId, ear.position, this.#listener(ear, sse)));
    }
  }

  #listener(ear: Ear, sse: SseStream): EventListener {
    const meta = this.#meta;
    return {
      event: (entry, truncated) => sse.write(framesOf(ear, entry, truncated, meta)),
      live: (name: LiveName, data: LiveData[LiveName]) => {
        if (ear.chat) sse.writeLive(messageFrame(liveJson(name, data, meta)));
      },
      drained: () => sse.drained(),
      failed: () => sse.end(),
    };
  }
}

function framesOf(ear: Ear, entry: LogEntry, truncated: boolean, meta: string): string {
  let frames = ear.chat ? messageFrame(eventJson(entry, truncated, meta)) : '';
  for (const uri of ear.inboxes) frames += messageFrame(updatedJson(uri, entry, truncated, meta));
  const roomId = ear.rooms.size > 0 ? entry.body.roomId : undefined;
  if (roomId !== undefined && ear.rooms.has(roomId)) {
    frames += messageFrame(updatedJson(roomUri(roomId), entry, truncated, meta));
  }
  return frames;
}
