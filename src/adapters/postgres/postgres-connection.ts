import { Logger } from '@nestjs/common';
import type * as Pg from 'pg';
import { historyUnavailable } from '../../domain/errors.js';
import { type MigrationOptions, migrateBefore } from './migrations.js';
import type { Schema } from './schema.js';

/** How many connections an instance holds at most, unless told otherwise. */
const CONNECTIONS = 5;
/** How long one may take to be had, in milliseconds. */
const CONNECT_MS = 3_000;
/** How long the server may take for one statement, and for one of those that write, in milliseconds. */
const STATEMENT_MS = 4_000;
const WRITE_STATEMENT_MS = 15_000;
/** How much longer an answer is waited for: a server that is stuck does not keep to its times. */
const GRACE_MS = 1_000;
/** How long an instance that was stopped in the middle of a transaction may hold up others, in milliseconds. */
const LOCK_MS = 10_000;
const IDLE_TRANSACTION_MS = 20_000;
/** For how long nobody else waits for a server that has just not answered, in milliseconds. */
const AWAY_MS = 2_000;
/** Partitioned tables have what is needed from this version on. */
const MINIMUM_VERSION = 13;

/** SQLSTATE classes of what passes by itself or by an operator's hand: connection, transaction, resources, shutdown. */
const NOT_NOW = /^(08|25|40|53|55|57|58|XX)/;
/** SQLSTATE classes of data that cannot be taken in, however often it is tried. */
const NEVER = /^(22|23|54)/;

type Driver = Pick<typeof Pg, 'Pool' | 'Client'>;
type Row = Readonly<Record<string, unknown>>;

/** Runs one statement. */
export interface Run {
  <R = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  readonly schema: Schema;
}

export interface ConnectionOptions extends MigrationOptions {
  readonly connections?: number | undefined;
}

/** The history cannot be used as configured; `message` says why, without credentials. */
export class HistoryUrlError extends Error {
  override readonly name = 'HistoryUrlError';
}

/** Whether the server has refused the data itself. */
export const isBadData = (error: unknown): boolean => NEVER.test(stateOf(error));

/** A bounded number of connections to one PostgreSQL, and for how long each of its answers is waited for. */
export class PostgresConnection {
  readonly #logger = new Logger('PostgreSQL');
  #isAway = false;
  #awayUntil = 0;

  private constructor(
    private readonly pool: Pg.Pool,
    private readonly schema: Schema,
  ) {
    // Without listeners the loss of a connection would end the process; what it means is said by whoever uses it.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Reaches the server and brings the schema up to date, or sees that it is. @throws HistoryUrlError one clear line */
  static async open(url: string, options: ConnectionOptions): Promise<PostgresConnection> {
    const driver = await loadDriver();
    await withClient(driver, url, (client) => migrateBefore(client, options));
    const pool = new driver.Pool({
      ...settingsOf(url),
      max: options.connections ?? CONNECTIONS,
      statement_timeout: STATEMENT_MS,
      lock_timeout: LOCK_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
      idleTimeoutMillis: 30_000,
    });
    return new PostgresConnection(pool, options.schema);
  }

  /** One statement that reads. @throws ChatError `unavailable` */
  async read<R = Row>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    if (performance.now() < this.#awayUntil) throw historyUnavailable();
    return this.#told(async () => {
      const query = { text: this.schema.sql(text), values: [...values], query_timeout: STATEMENT_MS + GRACE_MS };
      return (await this.pool.query<Row & R>(query)).rows;
    });
  }

  /** Statements that are carried out all or none. @throws ChatError `unavailable` */
  async transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.#told(async () => {
      const client = await this.pool.connect();
      const { schema } = this;
      const ask = async <R>(text: string, values: readonly unknown[] = []) => {
        const query = { text: schema.sql(text), values: [...values], query_timeout: WRITE_STATEMENT_MS + GRACE_MS };
        return (await client.query<Row & R>(query)).rows;
      };
      const run: Run = Object.assign(ask, { schema });
      try {
        await run('begin');
        await run(`set local statement_timeout = ${WRITE_STATEMENT_MS}`);
        const result = await work(run);
        await run('commit');
        client.release();
        return result;
      } catch (error) {
        // Whatever was begun ends with the connection.
        client.release(true);
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  async #told<T>(ask: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await ask();
    } catch (error) {
      const state = stateOf(error);
      if (state !== '' && !NOT_NOW.test(state)) throw error;
      // A statement that took too long says nothing about others.
      if (state !== '57014') this.#noteAway(error);
      throw historyUnavailable();
    }
    if (this.#isAway) this.#logger.log({ msg: 'reached again' });
    this.#isAway = false;
    this.#awayUntil = 0;
    return result;
  }

  #noteAway(error: unknown): void {
    if (!this.#isAway) this.#logger.warn({ msg: `cannot be used${reasonOf(error)}` });
    this.#isAway = true;
    this.#awayUntil = performance.now() + AWAY_MS;
  }
}

/** Runs something on one connection of its own, without bounds in time but for connecting. @throws HistoryUrlError */
export async function withClient<T>(driver: Driver, url: string, work: (client: Pg.Client) => Promise<T>): Promise<T> {
  const at = `PostgreSQL at ${shown(url)}`;
  const client = new driver.Client(settingsOf(url));
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new HistoryUrlError(`HISTORY_URL: ${at} cannot be reached${reasonOf(error)}`);
  }
  try {
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
    const version = Math.floor(Number(rows[0]!.server_version_num) / 10_000);
    if (version < MINIMUM_VERSION) {
      throw new HistoryUrlError(`HISTORY_URL: ${at} is version ${version}; ${MINIMUM_VERSION} or later is needed`);
    }
    return await work(client);
  } catch (error) {
    if (error instanceof HistoryUrlError) throw error;
    throw new HistoryUrlError(`HISTORY_URL: ${at} cannot be used${reasonOf(error)}`);
  } finally {
    await client.end();
  }
}

/** @throws HistoryUrlError */
export async function loadDriver(): Promise<Driver> {
  try {
    return (await import('pg')).default;
  } catch {
    throw new HistoryUrlError('HISTORY_URL needs the package pg, which is not installed; run npm install pg');
  }
}

const settingsOf = (url: string) => ({
  connectionString: url,
  connectionTimeoutMillis: CONNECT_MS,
  keepAlive: true,
  fallback_application_name: 'parley',
});

/** The address without credentials. */
function shown(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'an address that cannot be read';
  }
}

/** The SQLSTATE that the server has answered with; empty when it was not the server that failed. */
function stateOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return error instanceof Error && typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : '';
}

/** In brackets; what the server says about credentials names the user, so it is said in other words. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const state = stateOf(error);
  if (/^28/.test(state)) return ' (user or password refused)';
  if (state === '3D000') return ' (no such database)';
  const text = state === '' ? (code ?? message) : message;
  return text ? ` (${text})` : '';
}
