import { writeFileSync } from 'node:fs';
import { TestRedis } from './redis.js';
import { until } from './until.js';

/** How long a Sentinel may take to know the replica, on a busy machine, in milliseconds. */
const WATCH_MS = 40_000;

/** A master and its replica of a test's own, watched by a Sentinel. */
export class TestRedisSentinel {
  private constructor(
    readonly master: TestRedis,
    /** What takes the master's place when that is killed. */
    readonly replica: TestRedis,
    readonly sentinel: TestRedis,
  ) {}

  static async start(program: string): Promise<TestRedisSentinel> {
    const master = await TestRedis.start(program, ['--repl-diskless-sync-delay', '0']);
    const replica = await TestRedis.start(program, ['--replicaof', '127.0.0.1', `${master.port}`]);
    // One that has not copied its master yet would take its place with nothing.
    const isCopied = async () => (await replica.control.info('replication')).includes('master_link_status:up');
    await until('the replica to follow', isCopied, WATCH_MS);
    const sentinel = await TestRedis.start(program, ['--sentinel'], (path) =>
      writeFileSync(
        path,
        [
          `sentinel monitor parley 127.0.0.1 ${master.port} 1`,
          'sentinel down-after-milliseconds parley 1000',
          'sentinel failover-timeout parley 5000',
        ].join('\n'),
      ),
    );
    const isWatched = async () =>
      String(await sentinel.control.call('SENTINEL', 'REPLICAS', 'parley')).includes('slave');
    await until('Sentinel to know the replica', isWatched, WATCH_MS);
    return new TestRedisSentinel(master, replica, sentinel);
  }

  /** As `STATE_URL` names it. */
  get url(): string {
    return `redis+sentinel://127.0.0.1:${this.sentinel.port}/parley`;
  }

  async stop(): Promise<void> {
    await Promise.all([this.sentinel.stop(), this.replica.stop(), this.master.stop()]);
  }
}
