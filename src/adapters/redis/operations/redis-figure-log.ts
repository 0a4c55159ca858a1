import { type FigureLog, FIGURES_KEPT_MS, type Sample } from '../../../ports/figure-log.js';
import type { RedisConnection } from '../redis-connection.js';

/** Most samples kept, however many instances there are: an hour of 50. */
const SAMPLES_MAX = 18_000;

/** The samples of all instances in one sorted set, by time; each addition takes out what is too old or too much. */
export class RedisFigureLog implements FigureLog {
  readonly #key: string;

  constructor(
    private readonly connection: RedisConnection,
    namespace: string,
  ) {
    this.#key = `{${namespace}}:figures`;
  }

  async add(sample: Sample): Promise<void> {
    const key = this.#key;
    await Promise.all([
      this.connection.command('ZADD', key, String(sample.at), JSON.stringify(sample)),
      this.connection.command('ZREMRANGEBYSCORE', key, '-inf', String(sample.at - FIGURES_KEPT_MS)),
      this.connection.command('ZREMRANGEBYRANK', key, '0', String(-1 - SAMPLES_MAX)),
      this.connection.command('PEXPIRE', key, String(FIGURES_KEPT_MS)),
    ]);
  }

  async since(since: number): Promise<readonly Sample[]> {
    const kept = await this.connection.command<string[]>('ZRANGE', this.#key, `(${since}`, '+inf', 'BYSCORE');
    return kept.map((json) => JSON.parse(json) as Sample);
  }
}
