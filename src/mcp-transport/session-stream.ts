import { decodeCursor, encodeCursor } from '../domain/cursor.js';
import { type LiveData, type LiveName, type LogEntry } from '../domain/event.js';
import type { EventListener, NotificationsService } from '../notifications/index.js';
import { eventJson, liveJson, messageFrame, positionFrame, updatedJson } from './event-frames.js';
import { inboxUri, roomUri } from './resource-uris.js';
import type { BoundParticipant, FollowingStream, McpSession } from './session.js';
import type { SseStream } from './sse-streams.js';

/** The position of a stream whose session speaks as nobody yet: before everything. */
const ORIGIN = 'c1_origin';

/** How soon a client should come back for a stream that the server has ended (MCP 2025-11-25, basic/transports). */
const RETRY_FRAME = 'retry: 1000\n\n';

/**
 * The GET stream of a session. The id of every frame is the cursor in the participant's event log, so `Last-Event-ID`
 * resumes it, in this session or in a later one (MCP 2025-11-25, basic/transports, Resumability).
 */
export class SessionStream implements EventListener, FollowingStream {
  #stop: (() => void) | undefined;

  constructor(
    private readonly sse: SseStream,
    private readonly session: McpSession,
    private readonly notifications: NotificationsService,
    /** Where the client's previous stream ended. */
    private lastEventId: string | undefined,
  ) {
    sse.onFinish(() => RETRY_FRAME);
    sse.onClose(() => {
      this.#stop?.();
      if (session.stream === this) session.stream = undefined;
    });
    if (session.participant) this.follow(session.participant);
    // A stream that drops before its first event must have an id to resume from.
    else sse.write(positionFrame(lastEventId ?? ORIGIN));
  }

  /** Carries this participant's events from here on, and nobody else's; ends when it has too many streams already. */
  follow(participant: BoundParticipant): void {
    this.#stop?.();
    const position = this.#resumePosition(participant);
    this.lastEventId = undefined;
    this.sse.write(positionFrame(encodeCursor(participant.logId, position)));
    try {
      this.#stop = this.notifications.listen(participant.id, position, this);
    } catch {
      this.end();
    }
  }

  event(entry: LogEntry, truncated: boolean): boolean {
    let frames = '';
    if (this.session.subscriptions.size > 0) {
      for (const uri of this.#subscribed(entry)) frames += messageFrame(updatedJson(uri, entry, truncated, ''));
    }
    if (this.session.participant) this.session.participant.position = entry.seq;
    // The id comes with the last frame of an event: a client that misses one of them gets all of them again.
    return this.sse.write(`${frames}id: ${entry.cursor}\n${messageFrame(eventJson(entry, truncated, ''))}`);
  }

  live(name: LiveName, data: LiveData[LiveName]): void {
    this.sse.writeLive(messageFrame(liveJson(name, data, '')));
  }

  drained(): Promise<void> {
    return this.sse.drained();
  }

  failed(): void {
    this.end();
  }

  end(): void {
    this.sse.end();
  }

  #resumePosition({ logId, position }: BoundParticipant): number {
    if (this.lastEventId === undefined) return position;
    if (this.lastEventId === ORIGIN) return 0;
    return decodeCursor(logId, this.lastEventId) ?? position;
  }

  *#subscribed(entry: LogEntry): Iterable<string> {
    const { subscriptions, participant } = this.session;
    if (subscriptions.has(inboxUri())) yield inboxUri();
    const token = participant?.token;
    if (token !== undefined && subscriptions.has(inboxUri(token))) yield inboxUri(token);
    const roomId = entry.body.roomId;
    if (roomId !== undefined && subscriptions.has(roomUri(roomId))) yield roomUri(roomId);
  }
}
