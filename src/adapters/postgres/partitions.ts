import type { Run } from './postgres-connection.js';

/** A month of messages, e.g. `messages_2026_11`. */
const NAME = /^messages_(\d{4})_(\d{2})$/;

const nameOf = (year: number, month: number) =>
  `messages_${String(year).padStart(4, '0')}_${String(month + 1).padStart(2, '0')}`;

/** The partition that a time belongs to. @param at milliseconds since the epoch */
export function partitionOf(at: number): string {
  const date = new Date(at);
  return nameOf(date.getUTCFullYear(), date.getUTCMonth());
}

/** The partition of the month after. */
export function nextPartition(name: string): string {
  return partitionOf(boundsOf(name).end);
}

/** First moment of the month, and of the one after, in milliseconds since the epoch. */
function boundsOf(name: string): { readonly start: number; readonly end: number } {
  const [, year, month] = NAME.exec(name)!;
  return { start: Date.UTC(Number(year), Number(month) - 1), end: Date.UTC(Number(year), Number(month)) };
}

/** Makes partitions that are not there yet. */
export async function createPartitions(run: Run, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { start, end } = boundsOf(name);
    const [from, to] = [new Date(start).toISOString(), new Date(end).toISOString()];
    await run(
      `create table if not exists parley.${name} partition of parley.messages for values from ('${from}') to ('${to}')`,
    );
  }
}

/** Drops the months that ended before a time. @returns how many messages were in them */
export async function dropPartitions(run: Run, before: number): Promise<number> {
  const partitions = await run<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'parley.messages'::regclass`,
  );
  let dropped = 0;
  for (const { name } of partitions) {
    if (!NAME.test(name) || boundsOf(name).end > before) continue;
    const [counted] = await run<{ count: string }>(`select count(*) as count from parley.${name}`);
    await run(`drop table parley.${name}`);
    dropped += Number(counted!.count);
  }
  return dropped;
}
