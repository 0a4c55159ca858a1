import { TestRedis } from './redis.js';
import { until } from './until.js';

const SLOTS = 16_384;
/** How long nodes may take to know each other, on a busy machine, in milliseconds. */
const MEET_MS = 30_000;

/** A Redis Cluster of a test's own: masters that share the slots evenly. */
export class TestRedisCluster {
  private constructor(readonly nodes: readonly TestRedis[]) {}

  static async start(program: string, size = 3): Promise<TestRedisCluster> {
    const nodes = await Promise.all(
      Array.from({ length: size }, () => TestRedis.start(program, ['--cluster-enabled', 'yes'])),
    );
    const cluster = new TestRedisCluster(nodes);
    const share = Math.ceil(SLOTS / size);
    await Promise.all(
      nodes.map(({ control }, i) => control.cluster('ADDSLOTSRANGE', i * share, Math.min(SLOTS, (i + 1) * share) - 1)),
    );
    for (const { port } of nodes.slice(1)) await nodes[0]!.control.cluster('MEET', '127.0.0.1', port);
    const isWhole = async ({ control }: TestRedis) => {
      const info = String(await control.cluster('INFO'));
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${size}`);
    };
    await until('a whole cluster', async () => (await Promise.all(nodes.map(isWhole))).every(Boolean), MEET_MS);
    return cluster;
  }

  /** As `STATE_URL` names it, by its first node alone. */
  get url(): string {
    return `redis+cluster://127.0.0.1:${this.nodes[0]!.port}`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
