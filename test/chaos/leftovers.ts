import type { Redis } from 'ioredis';

/** What of a kind of key there is: `p-log` of `{parley}:p-log:…`. */
type Kinds = ReadonlyMap<string, readonly string[]>;

/**
 * What a namespace holds although nobody waits, chats or is offered anything any more; nothing when there is nothing that
 * has no end. Participants stay for a day and rooms for as long as they may be read, with what belongs to them.
 */
export async function leftovers(redis: Redis, namespace = 'parley'): Promise<string[]> {
  const tag = `{${namespace}}`;
  const found: string[] = [];
  const kinds = await kindsOf(redis, tag);
  for (const kind of ['k', 'o', 'gathering']) {
    const keys = kinds.get(kind) ?? [];
    if (keys.length > 0) found.push(`${keys.length} of ${kind}, e.g. ${keys[0]}`);
  }
  for (const queue of ['ttl', 'wake', 'offer']) {
    const due = await redis.zcard(`${tag}:due:${queue}`);
    if (due > 0) found.push(`${due} due of ${queue}`);
  }
  for (const key of kinds.get('pool') ?? []) {
    if ((await redis.type(key)) !== 'zset') continue;
    const waiting = await redis.zcard(key);
    if (waiting > 0) found.push(`${waiting} waiting in ${key}`);
  }
  const owners = { 'p-': idsOf(kinds, 'p'), 'r-': idsOf(kinds, 'r') };
  for (const [kind, keys] of kinds) {
    const owner = kind.startsWith('p-') ? owners['p-'] : kind.startsWith('r-') ? owners['r-'] : undefined;
    const orphans = owner ? keys.filter((key) => !owner.has(idOf(key))) : [];
    if (orphans.length > 0) found.push(`${orphans.length} of ${kind} that belong to nothing, e.g. ${orphans[0]}`);
  }
  const [people, rooms] = [owners['p-'].size, owners['r-'].size];
  const counted = Number(await redis.hget(`${tag}:meta`, 'participants'));
  if (counted !== people) found.push(`${people} participants, counted as ${counted}`);
  const tokens = await redis.hlen(`${tag}:tokens`);
  if (tokens !== people) found.push(`${tokens} tokens of ${people} participants`);
  for (const [what, key] of [
    ['ended', `${tag}:ended`],
    ['due', `${tag}:due:room`],
  ] as const) {
    const count = await redis.zcard(key);
    if (count !== rooms) found.push(`${rooms} rooms, of which ${count} are ${what}`);
  }
  return found;
}

async function kindsOf(redis: Redis, tag: string): Promise<Kinds> {
  const kinds = new Map<string, string[]>();
  for (let cursor = '0'; ;) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${tag}:*`, 'COUNT', 1_000);
    for (const key of keys) {
      const kind = key.slice(tag.length + 1).split(':')[0]!;
      const known = kinds.get(kind);
      if (!known) kinds.set(kind, [key]);
      else if (!known.includes(key)) known.push(key);
    }
    if (next === '0') return kinds;
    cursor = next;
  }
}

const idsOf = (kinds: Kinds, kind: string) => new Set(kinds.get(kind)?.map(idOf));
const idOf = (key: string) => key.slice(key.lastIndexOf(':') + 1);
