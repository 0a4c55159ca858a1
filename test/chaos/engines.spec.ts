import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, it, jest } from '@jest/globals';
import { TestNats } from '../support/nats.js';
import { TestPostgres } from '../support/postgres.js';
import { describeWith } from '../support/programs.js';
import { TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import type { Life } from './record.js';
import { type Told, verifyTold } from './told.js';
import { type Stage, TIMEOUT_MS, trial, type TrialOptions } from './trial.js';

jest.setTimeout(TIMEOUT_MS);

const STREAM = 'parley-events-parley';
/** How long message queue and history may take to be told what they missed, on a busy machine, in milliseconds. */
const CATCH_UP_MS = 60_000;
/** Messages that the state itself keeps of a room, so that the others have to be in history to be read. */
const HOT = 2;
/** What PostgreSQL says when its disk is full. */
const FILL = `
  create function parley.full() returns trigger language plpgsql as
    $$ begin raise exception 'no space left on device' using errcode = 'disk_full'; end $$;
  create trigger full_disk before insert on parley.messages for each row execute function parley.full()`;
const MAKE_ROOM = 'drop function parley.full cascade';
/** Events that there is room for while the stream is full. */
const ROOM_LEFT = 20;

describeWith(['redis-server'], 'instances on one Redis', (redisProgram) => {
  describeWith(['nats-server'], 'tell a message queue everything once and in order', (program) => {
    let redis: TestRedis;
    let nats: TestNats;

    beforeEach(async () => {
      redis = await TestRedis.start(redisProgram, ['--appendonly', 'yes', '--appendfsync', 'always']);
      nats = await TestNats.start(program);
    });
    afterEach(async () => {
      await nats.stop();
      await redis.stop();
    });

    /** What is wrong with what it was told, once that is all or no more comes. */
    async function missing(lives: readonly Life[]): Promise<string[]> {
      let wrong: string[] = [];
      const isTold = async () => {
        wrong = verifyTold(
          lives,
          (await nats.stored(STREAM)).map(({ json }): Told => json),
        );
        if (wrong.length > 0) await sleep(1_000);
        return wrong.length === 0;
      };
      await until('everything to be told', isTold, CATCH_UP_MS).catch(() => undefined);
      return wrong;
    }

    const under = (title: string, faults: (stage: Stage) => Promise<void>) => {
      const options: TrialOptions = {
        title: `message queue ${title}`,
        stateUrl: () => redis.url,
        control: () => redis.control,
        settings: () => ({ EVENTS_URL: nats.url }),
        afterwards: missing,
      };
      return trial(options, faults);
    };

    it('when instances are killed', async () => {
      await under('with instances killed', async ({ fleet, random, repeat }) => {
        await repeat(300, 1_500, async () => {
          const instance = fleet.instances[random.whole(0, fleet.instances.length - 1)]!;
          await instance.kill();
          await instance.start();
        });
      });
    });

    it('when it is down again and again', async () => {
      await under('down', async ({ random, repeat }) => {
        await repeat(300, 1_000, async () => {
          await nats.kill();
          await sleep(random.whole(100, 1_500));
          await nats.run();
        });
      });
    });

    it('when it stands still', async () => {
      await under('slow', async ({ leftMs }) => {
        await sleep(leftMs() / 4);
        nats.signal('SIGSTOP');
        await sleep(leftMs());
        nats.signal('SIGCONT');
      });
    });

    it('when one thing after the other happens to everything', async () => {
      await under('amid everything', async ({ fleet, random, repeat }) => {
        const anyOf = () => fleet.instances[random.whole(0, fleet.instances.length - 1)]!;
        const faults: (() => Promise<void>)[] = [
          async () => {
            const instance = anyOf();
            await instance.kill();
            await instance.start();
          },
          async () => {
            const instance = anyOf();
            instance.freeze();
            await sleep(random.whole(500, 2_000));
            instance.wake();
          },
          async () => {
            await redis.kill();
            await redis.run();
          },
          async () => {
            await nats.kill();
            await nats.run();
          },
        ];
        await repeat(50, 500, async () => faults[random.whole(0, faults.length - 1)]!());
      });
    });

    it('when it is full', async () => {
      await under('full', async ({ leftMs }) => {
        const { streams } = await nats.manager();
        const { config, state } = await streams.info(STREAM);
        await streams.update(STREAM, { max_msgs: state.messages + ROOM_LEFT, discard: 'new' });
        await sleep(leftMs());
        await streams.update(STREAM, { max_msgs: config.max_msgs, discard: config.discard });
      });
    });
  });

  describeWith(['initdb'], 'keep everything in a history, once', (program) => {
    let redis: TestRedis;
    let postgres: TestPostgres;
    let url: string;

    beforeEach(async () => {
      redis = await TestRedis.start(redisProgram);
      postgres = await TestPostgres.start(program);
      url = await postgres.database();
    });
    afterEach(async () => {
      await postgres.stop();
      await redis.stop();
    });

    /** Waits for the last of what was said; whether all of it is there is found by reading it back. */
    const isComplete = async (lives: readonly Life[]) => {
      const accepted = lives.flatMap(({ sent }) => sent.flatMap((one) => one.accepted?.messageId ?? []));
      const isThere = async () => {
        const kept = new Set((await postgres.query('select message_id from parley.messages', url)).map(idOf));
        return accepted.every((id) => kept.has(id)) || sleep(500, false);
      };
      await until('history to have everything', isThere, CATCH_UP_MS).catch(() => undefined);
    };
    const repeated = async () => {
      const query = 'select message_id from parley.messages group by message_id having count(*) > 1';
      return (await postgres.query(query, url)).map((row) => `${idOf(row)} is in history more than once`);
    };

    const under = (title: string, faults: (stage: Stage) => Promise<void>) => {
      const options: TrialOptions = {
        title: `history ${title}`,
        stateUrl: () => redis.url,
        control: () => redis.control,
        settings: () => ({ HISTORY_URL: url, ROOM_HISTORY_MESSAGES: `${HOT}` }),
        settled: isComplete,
        afterwards: repeated,
      };
      return trial(options, faults);
    };

    it('when instances are killed and it is down again and again', async () => {
      await under('down', async ({ fleet, random, repeat }) => {
        await repeat(300, 1_000, async () => {
          await postgres.kill();
          const instance = fleet.instances[random.whole(0, fleet.instances.length - 1)]!;
          await instance.kill();
          await postgres.run();
          await instance.start();
        });
      });
    });

    it('when it stands still', async () => {
      await under('slow', async ({ leftMs }) => {
        await sleep(leftMs() / 4);
        postgres.freeze();
        await sleep(leftMs());
        postgres.wake();
      });
    });

    it('when it is full', async () => {
      await under('full', async ({ leftMs }) => {
        await sleep(leftMs() / 4);
        await postgres.query(FILL, url);
        await sleep(leftMs());
        await postgres.query(MAKE_ROOM, url);
      });
    });
  });
});

const idOf = (row: Readonly<Record<string, unknown>>) => String(row['message_id']);
