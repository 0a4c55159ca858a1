import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import type { MigrationReport } from '../../ports/history-store.js';
import type { Schema } from './schema.js';

/** Whoever migrates holds this advisory lock; the others wait and then find nothing left to do. */
const MIGRATION_LOCK = 7_275_390_001;
const FOLDER = new URL('migrations/', import.meta.url);

export interface MigrationOptions {
  /** Whether what is missing is applied; without it a schema that lacks something is an error. */
  readonly migrate: boolean;
  readonly schema: Schema;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** What a service does before it starts. */
export async function migrateBefore(client: Client, { migrate, schema }: MigrationOptions): Promise<void> {
  const { missing } = await applyMigrations(client, migrate, schema);
  if (migrate || missing.length === 0) return;
  throw new Error(`the schema lacks ${missing.join(', ')}: run parley migrate, or set HISTORY_MIGRATE=true`);
}

/**
 * Applies what is missing, all or nothing. Several may do so at once. Migrations of a later version that are there already
 * are left alone.
 *
 * @param apply false: only says what is missing
 */
export async function applyMigrations(client: Client, apply: boolean, schema: Schema): Promise<MigrationReport> {
  const migrations = await readMigrations();
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [schema.lock(MIGRATION_LOCK)]);
    const applied = await readApplied(client, schema);
    const missing = migrations.filter(({ name, checksum }) => {
      const found = applied.get(name);
      if (found !== undefined && found !== checksum) {
        throw new Error(`the migration ${name} was applied in another form than this version has it`);
      }
      return found === undefined;
    });
    if (apply && missing.length > 0) await applyAll(client, missing, schema);
    await client.query('commit');
    return { present: [...applied.keys()], missing: missing.map(({ name }) => name) };
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function readApplied(client: Client, schema: Schema): Promise<ReadonlyMap<string, string>> {
  const { rows: tables } = await client.query<{ found: boolean }>(
    schema.sql(`select to_regclass('parley.migrations') is not null as found`),
  );
  if (!tables[0]!.found) return new Map();
  const { rows } = await client.query<{ name: string; checksum: string }>(
    schema.sql('select name, checksum from parley.migrations order by name'),
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

async function applyAll(client: Client, missing: readonly Migration[], schema: Schema): Promise<void> {
  // Where the schema is there already, the right to make one is not needed.
  const { rows } = await client.query<{ found: boolean }>('select to_regnamespace($1) is not null as found', [
    schema.name,
  ]);
  if (!rows[0]!.found) await client.query(`create schema ${schema.name}`);
  await client.query(
    schema.sql(`create table if not exists parley.migrations
       (name text primary key, checksum text not null, applied_at timestamptz not null default now())`),
  );
  for (const { name, sql, checksum } of missing) {
    await client.query(schema.sql(sql));
    await client.query(schema.sql('insert into parley.migrations (name, checksum) values ($1, $2)'), [name, checksum]);
  }
}

async function readMigrations(): Promise<Migration[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, FOLDER), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name: file.replace(/\.sql$/, ''), sql, checksum };
    }),
  );
}
