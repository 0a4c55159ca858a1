import type { OutboxRecord } from '../../ports/outbox.js';
import { createPartitions, partitionOf } from './partitions.js';
import { batchOf, peopleIn, type RecordBatch } from './record-batch.js';
import type { Run } from './postgres-connection.js';

/** Whoever changes what is kept holds this advisory lock until the end of the transaction. */
const WRITE_LOCK = 7_275_390_002;
/** How many messages are deleted by one statement, so that each ends in time. */
const FORGET_ROWS = 5_000;

const time = (at: number) => new Date(at).toISOString();

export async function lockWrites(run: Run): Promise<void> {
  await run('select pg_advisory_xact_lock($1)', [run.schema.lock(WRITE_LOCK)]);
}

/**
 * Takes records in, in one transaction.
 *
 * @param partitions months that are known to be there
 * @returns the months that are there after the commit, beside those known
 */
export async function appendRecords(
  run: Run,
  records: readonly OutboxRecord[],
  partitions: ReadonlySet<string>,
): Promise<readonly string[]> {
  await lockWrites(run);
  const gone = await run<{ user_id: string }>('select user_id from parley.forgotten where user_id = any($1)', [
    peopleIn(records),
  ]);
  const batch = batchOf(records, new Set(gone.map(({ user_id }) => user_id)));
  const months = new Set(batch.messages.map(({ timestamp }) => partitionOf(Date.parse(timestamp))));
  const missing = [...months].filter((name) => !partitions.has(name));
  await createPartitions(run, missing);
  await appendRooms(run, batch);
  await appendMessages(run, batch);
  await appendMatches(run, batch);
  await appendTickets(run, batch);
  for (const userId of batch.forgotten) await forgetEverywhere(run, userId);
  return missing;
}

/** Deletes what somebody wrote and who it was. @returns how many messages were deleted */
export async function forgetEverywhere(run: Run, userId: string): Promise<number> {
  await run('insert into parley.forgotten (user_id) values ($1) on conflict do nothing', [userId]);
  await run(
    `update parley.matches set user_ids = array_remove(user_ids, $1), reasons = '[]'
     where room_id in (select room_id from parley.members where user_id = $1)`,
    [userId],
  );
  await run('delete from parley.members where user_id = $1', [userId]);
  await run('update parley.tickets set user_ids = array_remove(user_ids, $1) where user_ids @> array[$1]', [userId]);
  let deleted = 0;
  for (;;) {
    const [step] = await run<{ count: string }>(
      `with doomed as (select room_id, seq, sent_at from parley.messages where sender_id = $1 limit ${FORGET_ROWS}), deleted as (
         delete from parley.messages m using doomed d
         where m.room_id = d.room_id and m.seq = d.seq and m.sent_at = d.sent_at returning 1
       ) select count(*) from deleted`,
      [userId],
    );
    const count = Number(step!.count);
    deleted += count;
    if (count < FORGET_ROWS) return deleted;
  }
}

async function appendRooms(run: Run, { rooms, begun, ended, closed }: RecordBatch): Promise<void> {
  if (rooms.length > 0) {
    await run(
      `insert into parley.rooms as r (room_id, kind, name, capacity, opened_at, last_at)
       select *, opened_at
       from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[]) x(room_id, kind, name, capacity, opened_at)
       on conflict (room_id) do update
         set kind = excluded.kind, name = excluded.name, capacity = excluded.capacity, opened_at = excluded.opened_at
         where r.kind = 'unknown' and excluded.kind <> 'unknown'`,
      [
        rooms.map(({ roomId }) => roomId),
        rooms.map(({ kind }) => kind),
        rooms.map(({ name }) => name),
        rooms.map(({ capacity }) => capacity),
        rooms.map(({ openedAt }) => time(openedAt)),
      ],
    );
  }
  // First what ended of earlier stays: somebody may have come back since.
  if (ended.length > 0) {
    await run(
      `update parley.members m set went = x.went, last_seq = x.last_seq, left_reason = x.reason, left_at = x.at
       from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
         x(room_id, user_id, went, last_seq, reason, at)
       where m.room_id = x.room_id and m.user_id = x.user_id and m.went is null
         and not exists (select 1 from parley.members d
                         where d.room_id = x.room_id and d.user_id = x.user_id and d.went = x.went)`,
      [
        ended.map(({ roomId }) => roomId),
        ended.map(({ userId }) => userId),
        ended.map(({ went }) => went),
        ended.map(({ lastSeq }) => lastSeq),
        ended.map(({ reason }) => reason),
        ended.map(({ at }) => time(at)),
      ],
    );
  }
  if (begun.length > 0) {
    await run(
      `insert into parley.members as m (room_id, user_id, came, display_name, provenance, principal, after_seq, joined_at,
                                        went, last_seq, left_reason, left_at)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                            $8::timestamptz[], $9::text[], $10::bigint[], $11::text[], $12::timestamptz[])
       on conflict (room_id, user_id, came) do update
         set went = excluded.went, last_seq = excluded.last_seq, left_reason = excluded.left_reason, left_at = excluded.left_at
         where m.went is null and excluded.went is not null`,
      [
        begun.map(({ roomId }) => roomId),
        begun.map(({ member }) => member.user_id),
        begun.map(({ came }) => came),
        begun.map(({ member }) => member.display_name),
        begun.map(({ member }) => member.provenance),
        begun.map(({ member }) => member.principal),
        begun.map(({ member }) => member.after_seq),
        begun.map(({ joinedAt }) => time(joinedAt)),
        begun.map(({ end }) => end?.went ?? null),
        begun.map(({ end }) => end?.lastSeq ?? null),
        begun.map(({ end }) => end?.reason ?? null),
        begun.map(({ end }) => (end ? time(end.at) : null)),
      ],
    );
  }
  if (closed.length > 0) {
    await run(
      `update parley.rooms r set closed_at = x.at, close_reason = x.reason
       from unnest($1::text[], $2::text[], $3::timestamptz[]) x(room_id, reason, at)
       where r.room_id = x.room_id and r.closed_at is null`,
      [closed.map(({ data }) => data.room_id), closed.map(({ data }) => data.reason), closed.map(({ at }) => time(at))],
    );
  }
}

async function appendMessages(run: Run, { messages, activity }: RecordBatch): Promise<void> {
  if (messages.length > 0) {
    await run(
      `insert into parley.messages
         (room_id, seq, sent_at, message_id, sender_id, sender_name, sender_provenance, text)
       select * from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
                            $8::text[]) x(room_id, seq)
       where not exists (select 1 from parley.messages m where m.room_id = x.room_id and m.seq = x.seq)`,
      [
        messages.map(({ room_id }) => room_id),
        messages.map(({ seq }) => seq),
        messages.map(({ timestamp }) => timestamp),
        messages.map(({ message_id }) => message_id),
        messages.map(({ sender }) => sender.user_id),
        messages.map(({ sender }) => sender.display_name),
        messages.map(({ sender }) => sender.provenance),
        messages.map(({ message }) => message),
      ],
    );
  }
  if (activity.length > 0) {
    await run(
      `update parley.rooms r set last_seq = greatest(r.last_seq, x.last_seq), last_at = greatest(r.last_at, x.at)
       from unnest($1::text[], $2::bigint[], $3::timestamptz[]) x(room_id, last_seq, at) where r.room_id = x.room_id`,
      [
        activity.map(({ roomId }) => roomId),
        activity.map(({ lastSeq }) => lastSeq),
        activity.map(({ at }) => time(at)),
      ],
    );
  }
}

async function appendMatches(run: Run, { matches }: RecordBatch): Promise<void> {
  if (matches.length === 0) return;
  // Lists of different lengths do not fit into an array of arrays.
  await run(
    `insert into parley.matches (record_id, room_id, pool, matched_at, user_ids, ticket_ids, reasons)
     select x.record_id, x.room_id, r.name, x.at, array(select jsonb_array_elements_text(x.user_ids)),
            array(select jsonb_array_elements_text(x.ticket_ids)), x.reasons
     from unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[], $5::jsonb[], $6::jsonb[])
       x(record_id, room_id, at, user_ids, ticket_ids, reasons)
     join parley.rooms r using (room_id)
     on conflict do nothing`,
    [
      matches.map(({ recordId }) => recordId),
      matches.map(({ roomId }) => roomId),
      matches.map(({ at }) => time(at)),
      matches.map(({ userIds }) => JSON.stringify(userIds)),
      matches.map(({ ticketIds }) => JSON.stringify(ticketIds)),
      matches.map(({ reasons }) => reasons),
    ],
  );
}

async function appendTickets(run: Run, { tickets, ticketEnds }: RecordBatch): Promise<void> {
  if (tickets.length > 0) {
    await run(
      `insert into parley.tickets as t (ticket_id, pool, user_ids, priority, created_at)
       select x.ticket_id, x.pool, array(select jsonb_array_elements_text(x.user_ids)), x.priority, x.at
       from unnest($1::text[], $2::text[], $3::jsonb[], $4::float8[], $5::timestamptz[])
         x(ticket_id, pool, user_ids, priority, at)
       on conflict (ticket_id) do update
         set user_ids = excluded.user_ids, priority = excluded.priority, created_at = excluded.created_at
         where t.created_at is null`,
      [
        tickets.map(({ data }) => data.ticket_id),
        tickets.map(({ data }) => data.pool),
        tickets.map(({ data }) => JSON.stringify(data.user_ids)),
        tickets.map(({ data }) => data.priority),
        tickets.map(({ at }) => time(at)),
      ],
    );
  }
  if (ticketEnds.length > 0) {
    await run(
      `insert into parley.tickets as t (ticket_id, pool, outcome, reason, room_id, waited_ms, ended_at)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[])
       on conflict (ticket_id) do update
         set outcome = excluded.outcome, reason = excluded.reason, room_id = excluded.room_id,
             waited_ms = excluded.waited_ms, ended_at = excluded.ended_at
         where t.outcome is null`,
      [
        ticketEnds.map(({ ticketId }) => ticketId),
        ticketEnds.map(({ pool }) => pool),
        ticketEnds.map(({ outcome }) => outcome),
        ticketEnds.map(({ reason }) => reason),
        ticketEnds.map(({ roomId }) => roomId),
        ticketEnds.map(({ waitedMs }) => (waitedMs === null ? null : Math.round(waitedMs))),
        ticketEnds.map(({ at }) => time(at)),
      ],
    );
  }
}
