import { lockWrites } from './append.js';
import { createPartitions, dropPartitions, nextPartition, partitionOf } from './partitions.js';
import type { PostgresConnection, Run } from './postgres-connection.js';

/** Whoever prunes holds this advisory lock for the length of a step. */
const PRUNE_LOCK = 7_275_390_003;
/** How many rows go in one step. */
const STEP_ROWS = 5_000;
/** A room of which nobody says that it has ended counts as ended when nothing has happened there for so long, in milliseconds. */
const ABANDONED_MS = 30 * 86_400_000;

/** The rooms of one pool, or all that have no retention of their own. */
interface Retention {
  readonly pool: string | null;
  readonly others: readonly string[];
  readonly before: string;
}

/** The rooms of `$1`, or of all pools that are not among `$2`. */
const ofPool = (pool: unknown) =>
  pool === null
    ? `$1::text is null and not (kind = 'match' and name = any($2::text[]))`
    : `kind = 'match' and name = $1 and $2::text[] is not null`;

/** As `HistoryStore.prune`; makes the partitions of this month and the next as well. */
export async function prune(
  connection: PostgresConnection,
  retentionMs: ReadonlyMap<string, number>,
  now: number,
): Promise<number> {
  let deleted = 0;
  /** Repeats a step while it finds as many rows as it takes; false when somebody else is at it. */
  const repeat = async (step: (run: Run) => Promise<number>, limit: number, count: boolean): Promise<boolean> => {
    for (;;) {
      const done = await connection.transaction(async (run) => ((await locked(run)) ? step(run) : undefined));
      if (done === undefined) return false;
      if (count) deleted += done;
      if (done < limit) return true;
    }
  };
  const months = async (run: Run) => {
    await lockWrites(run);
    const current = partitionOf(now);
    await createPartitions(run, [current, nextPartition(current)]);
    const longest = Math.max(...retentionMs.values());
    const isFinite = [...retentionMs.values()].every((ms) => ms > 0);
    return isFinite ? dropPartitions(run, now - longest) : 0;
  };
  if (!(await repeat(months, Infinity, true))) return deleted;
  for (const retention of retentionsOf(retentionMs, now)) {
    const values = [retention.pool, retention.others, retention.before];
    const isMine =
      (await repeat((run) => deleteMessages(run, values), STEP_ROWS, true)) &&
      (await repeat((run) => deleteRooms(run, [...values, ABANDONED_MS]), STEP_ROWS, false)) &&
      (await repeat((run) => deleteTickets(run, values), STEP_ROWS, false));
    if (!isMine) break;
  }
  return deleted;
}

function retentionsOf(retentionMs: ReadonlyMap<string, number>, now: number): Retention[] {
  const others = [...retentionMs.keys()].filter((pool) => pool !== '');
  return [...retentionMs]
    .filter(([, ms]) => ms > 0)
    .map(([pool, ms]) => ({ pool: pool === '' ? null : pool, others, before: new Date(now - ms).toISOString() }));
}

async function locked(run: Run): Promise<boolean> {
  const lock = run.schema.lock(PRUNE_LOCK);
  const [answer] = await run<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [lock]);
  return answer!.mine;
}

async function counted(run: Run, statement: string, values: readonly unknown[]): Promise<number> {
  const [answer] = await run<{ count: string }>(statement, values);
  return Number(answer!.count);
}

const deleteMessages = (run: Run, values: readonly unknown[]) =>
  counted(
    run,
    `with deleted as (
       delete from parley.messages m using (
         select m.room_id, m.seq, m.sent_at
         from parley.rooms r join parley.messages m using (room_id)
         where ${ofPool(values[0])} and r.opened_at < $3 and m.sent_at < $3 limit ${STEP_ROWS}
       ) x where m.room_id = x.room_id and m.seq = x.seq and m.sent_at = x.sent_at returning 1
     ) select count(*) from deleted`,
    values,
  );

const deleteRooms = (run: Run, values: readonly unknown[]) =>
  counted(
    run,
    `with deleted as (
       delete from parley.rooms where room_id in (
         select room_id from parley.rooms r
         where ${ofPool(values[0])} and coalesce(closed_at, last_at + $4 * interval '1 ms') < $3::timestamptz
           and not exists (select 1 from parley.messages m where m.room_id = r.room_id)
         limit ${STEP_ROWS}
       ) returning room_id
     ), members as (
       delete from parley.members m using deleted where m.room_id = deleted.room_id
     ), matches as (
       delete from parley.matches m using deleted where m.room_id = deleted.room_id
     ) select count(*) from deleted`,
    values,
  );

const deleteTickets = (run: Run, values: readonly unknown[]) =>
  counted(
    run,
    `with deleted as (
       delete from parley.tickets where ticket_id in (
         select ticket_id from parley.tickets
         where (case when $1::text is null then not pool = any($2) else pool = $1 end)
           and coalesce(ended_at, created_at) < $3::timestamptz
         limit ${STEP_ROWS}
       ) returning 1
     ) select count(*) from deleted`,
    values,
  );
