import { Logger } from '@nestjs/common';
import type { Provenance } from '../../domain/participant.js';
import type { Message } from '../../domain/room.js';
import type { FoundPage, HistoryPage, HistoryStore, MigrationReport, SearchQuery } from '../../ports/history-store.js';
import type { OutboxRecord } from '../../ports/outbox.js';
import type { MessageQuery } from '../../ports/state-store.js';
import { historyPage, type ReadableRoom } from '../history-page.js';
import { decodePosition, encodePosition } from '../search-position.js';
import { appendRecords, forgetEverywhere, lockWrites } from './append.js';
import { applyMigrations } from './migrations.js';
import { isBadData, loadDriver, PostgresConnection, withClient } from './postgres-connection.js';
import { prune } from './prune.js';
import { Schema } from './schema.js';

export { HistoryUrlError } from './postgres-connection.js';

/** How the server says that there is no partition for a row. */
const NO_PARTITION = '23514';

interface MessageRow {
  readonly room_id: string;
  readonly seq: string;
  readonly sent_at: Date;
  readonly message_id: string;
  readonly sender_id: string;
  readonly sender_name: string;
  readonly sender_provenance: Provenance;
  readonly text: string;
}

const COLUMNS = 'm.room_id, m.seq, m.sent_at, m.message_id, m.sender_id, m.sender_name, m.sender_provenance, m.text';
/** Whether $1 may read a message `m`. */
const READABLE = `exists (select 1 from parley.members s where s.user_id = $1 and s.room_id = m.room_id
  and m.seq > s.after_seq and (s.last_seq is null or m.seq <= s.last_seq))`;

/** Where the history is. */
export interface PostgresHistoryOptions {
  readonly url: string;
  readonly migrate: boolean;
  /** `parley` unless told otherwise. */
  readonly schema?: string;
  readonly connections?: number;
}

/** The history in PostgreSQL, in a schema of its own. */
export class PostgresHistoryStore implements HistoryStore {
  readonly #logger = new Logger('History');
  /** Months that have a partition. */
  readonly #partitions = new Set<string>();

  private constructor(private readonly connection: PostgresConnection) {}

  /** @throws HistoryUrlError when it cannot be reached, or lacks migrations and is not to be migrated */
  static async open({ url, migrate, schema, connections }: PostgresHistoryOptions): Promise<PostgresHistoryStore> {
    const options = { migrate, schema: new Schema(schema), connections };
    return new PostgresHistoryStore(await PostgresConnection.open(url, options));
  }

  /** What `parley migrate` does. @param apply false: only says what is missing. @throws HistoryUrlError */
  static async migrate(
    { url, schema }: Omit<PostgresHistoryOptions, 'migrate'>,
    apply: boolean,
  ): Promise<MigrationReport> {
    return withClient(await loadDriver(), url, (client) => applyMigrations(client, apply, new Schema(schema)));
  }

  async append(records: readonly OutboxRecord[]): Promise<void> {
    if (records.length === 0) return;
    try {
      await this.#append(records);
    } catch (error) {
      if (!isBadData(error)) throw error;
      await this.#appendAround(records, error);
    }
  }

  async messages(participantId: string, roomId: string, query: MessageQuery): Promise<HistoryPage | undefined> {
    const room = await this.#readable(participantId, roomId);
    if (!room) return undefined;
    const { before, after, limit } = query;
    const forward = after !== undefined;
    if (room.first === 0) return historyPage([], query, room);
    const [from, to] = [Math.max(room.first - 1, after ?? 0), Math.min(room.last + 1, before ?? Infinity)];
    const rows = await this.connection.read<MessageRow>(
      `select ${COLUMNS} from parley.messages m
       where m.room_id = $2 and ${READABLE} and m.seq > $3 and m.seq < $4
       order by m.seq ${forward ? 'asc' : 'desc'} limit $5`,
      [participantId, roomId, from, to, limit],
    );
    const messages = rows.map(messageOf);
    return historyPage(forward ? messages : messages.reverse(), query, room);
  }

  async search(participantId: string, { text, roomId, before, limit }: SearchQuery): Promise<FoundPage | undefined> {
    if (roomId !== undefined && !(await this.#readable(participantId, roomId))) return undefined;
    const position = before === undefined ? undefined : decodePosition(before);
    if (before !== undefined && !position) return { messages: [] };
    const rows = await this.connection.read<MessageRow>(
      `select ${COLUMNS} from parley.messages m
       where m.words @@ websearch_to_tsquery('simple', $2) and ${READABLE}
         and ($3::text is null or m.room_id = $3)
         and ($4::timestamptz is null or (m.sent_at, m.room_id, m.seq) < ($4, $5::text, $6::bigint))
       order by m.sent_at desc, m.room_id desc, m.seq desc limit $7`,
      [
        participantId,
        text,
        roomId ?? null,
        position ? new Date(position.at).toISOString() : null,
        position?.roomId ?? null,
        position?.seq ?? null,
        limit + 1,
      ],
    );
    const messages = rows.slice(0, limit).map((row) => ({ ...messageOf(row), roomId: row.room_id }));
    return { messages, ...(rows.length > limit && { next: encodePosition(messages.at(-1)!) }) };
  }

  async forget(participantId: string): Promise<number> {
    return this.connection.transaction(async (run) => {
      await lockWrites(run);
      return forgetEverywhere(run, participantId);
    });
  }

  prune(retentionMs: ReadonlyMap<string, number>, now: number): Promise<number> {
    return prune(this.connection, retentionMs, now);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  async #readable(participantId: string, roomId: string): Promise<ReadableRoom | undefined> {
    // PostgreSQL knows no such text.
    if (roomId.includes('\0')) return undefined;
    // Without the bounds, what others may read before and after would be walked through.
    const [room] = await this.connection.read<Record<keyof ReadableRoom, string | null>>(
      `with stay as (
         select min(after_seq) as after,
                case when bool_or(last_seq is null) then ${Number.MAX_SAFE_INTEGER} else max(last_seq) end as until
         from parley.members where room_id = $2 and user_id = $1
       ), readable as not materialized (
         select m.seq from parley.messages m
         where m.room_id = $2 and m.seq > (select after from stay) and m.seq <= (select until from stay) and ${READABLE}
       )
       select (select after from stay), (select last_seq from parley.rooms where room_id = $2) as "lastSeq",
         (select seq from readable order by seq limit 1) as first, (select seq from readable order by seq desc limit 1) as last`,
      [participantId, roomId],
    );
    const { after, lastSeq, first, last } = room!;
    if (after === null) return undefined;
    return { after: Number(after), lastSeq: Number(lastSeq), first: Number(first), last: Number(last) };
  }

  async #append(records: readonly OutboxRecord[]): Promise<void> {
    const append = () => this.connection.transaction((run) => appendRecords(run, records, this.#partitions));
    const made = await append().catch((error: unknown) => {
      // Another instance has dropped a month that is over.
      if ((error as { code?: unknown }).code !== NO_PARTITION) throw error;
      this.#partitions.clear();
      return append();
    });
    for (const month of made) this.#partitions.add(month);
  }

  /** Data that the server refuses must not hold up what comes after it: the record is found and left out. */
  async #appendAround(records: readonly OutboxRecord[], error: unknown): Promise<void> {
    if (records.length > 1) {
      const middle = Math.ceil(records.length / 2);
      await this.append(records.slice(0, middle));
      await this.append(records.slice(middle));
      return;
    }
    const [{ id, kind }] = records as [OutboxRecord];
    const { code } = error as { code?: string };
    this.#logger.error({ msg: 'PostgreSQL refuses a record; it is left out', record: id, kind, sqlstate: code });
  }
}

const messageOf = (row: MessageRow): Message => ({
  messageId: row.message_id,
  seq: Number(row.seq),
  text: row.text,
  sender: { user_id: row.sender_id, display_name: row.sender_name, provenance: row.sender_provenance },
  timestamp: row.sent_at.toISOString(),
});
