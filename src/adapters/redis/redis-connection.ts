import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type * as IoRedis from 'ioredis';
import { stateUnavailable } from '../../domain/errors.js';
import { FUNCTION, LIBRARY } from './lua/library.js';
import type { Library } from './function-library.js';
import { ADDRESS_FORMS, parseAddress, type RedisAddress } from './redis-address.js';

/** How long one attempt to connect may take, and how long a step may wait for its answer, in milliseconds. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
/** How long a step waits for a lost connection to come back before it is refused, in milliseconds. */
const PATIENCE_MS = 3_000;
/** Longest pause between two attempts to connect again, in milliseconds. */
const PAUSE_MS = 500;
/** Functions are there from this version on. */
const MINIMUM_VERSION = 7;

/** Answers of a server that is not ready to serve; it has done nothing. */
const NOT_NOW = /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|BUSY|OOM|NOREPLICAS|MISCONF)\b/;

type Driver = Pick<typeof IoRedis, 'Redis' | 'Cluster'>;
type Client = IoRedis.Redis | IoRedis.Cluster;

const STATE: Library = { name: FUNCTION, code: LIBRARY };

/** The state cannot be used as configured; `message` says why, without credentials. */
export class StateUrlError extends Error {
  override readonly name = 'StateUrlError';
}

/**
 * Connections to one Redis: for steps, and for what is published. With RESP3 they are one, because an answer and what is published
 * with it then come together: a post that goes alone costs a fifth less here and an eighth less there.
 */
export class RedisConnection {
  readonly #logger = new Logger('Redis');
  readonly #loading = new Map<Library, Promise<void>>();
  #isServing = false;
  #isGathering = false;

  private constructor(
    private readonly client: Client,
    private readonly subscriber: Client,
    private readonly isCluster: boolean,
  ) {
    let isLost = false;
    client.on('close', () => {
      if (!isLost && this.#isServing) this.#logger.warn({ msg: 'connection lost, connecting again' });
      isLost = true;
    });
    client.on('ready', () => {
      if (isLost) this.#logger.log({ msg: 'connected again' });
      isLost = false;
    });
  }

  /** @throws StateUrlError one clear line */
  static async open(url: string): Promise<RedisConnection> {
    const address = parseAddress(url);
    if (!address) throw new StateUrlError(`STATE_URL must be ${ADDRESS_FORMS}`);
    const driver = await loadDriver();
    const opened: Client[] = [];
    const open = () => {
      const client = createClient(driver, address);
      opened.push(client);
      return connect(client, address);
    };
    try {
      const client = await open();
      const subscriber = hearsAsWell(client) ? client : await open();
      const connection = new RedisConnection(client, subscriber, address.kind === 'cluster');
      await connection.#start(address);
      connection.#isServing = true;
      return connection;
    } catch (error) {
      opened.forEach((client) => client.disconnect());
      throw error;
    }
  }

  get isReady(): boolean {
    return isReady(this.client);
  }

  /**
   * Calls a library's function with the namespace's tag and these arguments; it is loaded again where it has been flushed.
   */
  async call<T>(tag: string, args: readonly string[], library = STATE): Promise<T> {
    if (!this.isReady) await this.#ready();
    const publish = this.isCluster ? 'SPUBLISH' : 'PUBLISH';
    const call = () => this.client.fcall(library.name, 1, tag, ...args, publish) as Promise<T>;
    // Steps come together already.
    if (library !== STATE) this.#gather();
    try {
      return await call();
    } catch (error) {
      if (!isReply(error) || !error.message.includes('Function not found')) throw asSeenByCallers(error);
    }
    try {
      await this.#load(library);
      return await call();
    } catch (error) {
      throw asSeenByCallers(error);
    }
  }

  /**
   * What is sent in one turn of the event loop goes out at once: writing costs more than most steps, here and there. A
   * Cluster's connections are the driver's own.
   */
  #gather(): void {
    if (this.#isGathering || !('stream' in this.client)) return;
    const { stream } = this.client;
    stream.cork();
    this.#isGathering = true;
    setImmediate(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }

  /** Sends one command that may be repeated without harm. */
  async command<T>(name: string, ...args: readonly string[]): Promise<T> {
    await this.#ready();
    try {
      return (await this.client.call(name, ...args)) as T;
    } catch (error) {
      throw asSeenByCallers(error);
    }
  }

  /** Hears what is published on a channel from now on. `onReady` is called whenever the subscription stands (again). */
  async subscribe(channel: string, hear: (message: string) => void, onReady: () => void): Promise<void> {
    const listener = (on: string, message: string) => {
      if (on === channel) hear(message);
    };
    const { subscriber } = this;
    subscriber.on(this.isCluster ? 'smessage' : 'message', listener);
    if (this.isCluster) {
      // A Cluster's driver subscribes again by itself.
      subscriber.on('ready', onReady);
      await subscriber.ssubscribe(channel);
      return;
    }
    // Should the connection be lost again meanwhile, then the next one subscribes.
    subscriber.on('ready', () => void subscriber.subscribe(channel).then(onReady, () => undefined));
    await subscriber.subscribe(channel);
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.#ready();
    if (this.isCluster) await this.client.spublish(channel, message);
    else await this.client.publish(channel, message);
  }

  close(): void {
    this.#isServing = false;
    this.client.disconnect();
    this.subscriber.disconnect();
  }

  async #start(address: RedisAddress): Promise<void> {
    const at = shown(address);
    const version = await this.client.info('server').then(
      (info) => /redis_version:(\S+)/.exec(info)?.[1] ?? '0',
      (error: Error) => {
        throw new StateUrlError(`STATE_URL: ${at} refuses to serve${reason(error)}`);
      },
    );
    if (Number.parseInt(version, 10) < MINIMUM_VERSION) {
      throw new StateUrlError(`STATE_URL: ${at} is version ${version}; ${MINIMUM_VERSION}.0 or later is needed`);
    }
    await this.#load(STATE).catch((error: Error) => {
      throw new StateUrlError(`STATE_URL: ${at} does not take Parley's functions${reason(error)}`);
    });
  }

  /** Waits a little for a connection that was lost; what was not sent yet is then not lost with it. */
  async #ready(): Promise<void> {
    if (this.isReady) return;
    const deadline = performance.now() + PATIENCE_MS;
    while (!this.isReady) {
      if (!this.#isServing || performance.now() > deadline) throw stateUnavailable();
      await sleep(20);
    }
  }

  #load(library: Library): Promise<void> {
    let loading = this.#loading.get(library);
    if (!loading) {
      loading = this.#loadEverywhere(library).finally(() => this.#loading.delete(library));
      this.#loading.set(library, loading);
    }
    return loading;
  }

  async #loadEverywhere({ code }: Library): Promise<void> {
    const nodes = 'nodes' in this.client ? this.client.nodes('master') : [this.client];
    await Promise.all(
      nodes.map((node) =>
        node.function('LOAD', code).catch((error: Error) => {
          if (!error.message.includes('already exists')) throw error;
        }),
      ),
    );
  }
}

async function loadDriver(): Promise<Driver> {
  try {
    return await import('ioredis');
  } catch {
    throw new StateUrlError('STATE_URL needs the package ioredis, which is not installed; run npm install ioredis');
  }
}

/**
 * A step that may have been taken is never sent again by itself: whether it was is for the caller to find out. So
 * nothing is queued while there is no connection, and nothing is sent again on the next one.
 */
function createClient(driver: Driver, address: RedisAddress): Client {
  const { username, password, tls, endpoints } = address;
  const common = {
    username,
    password,
    ...(tls && { tls: {} }),
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: ANSWER_MS,
    autoResendUnfulfilledCommands: false,
    // A subscription that fails when the driver does it ends the process.
    autoResubscribe: false,
    enableAutoPipelining: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(times * 50, PAUSE_MS),
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
  if (address.kind === 'cluster') {
    return new driver.Cluster([...endpoints], {
      lazyConnect: true,
      shardedSubscribers: true,
      retryDelayOnFailover: 0,
      clusterRetryStrategy: common.retryStrategy,
      redisOptions: common,
    });
  }
  const { database: db } = address;
  if (address.kind === 'sentinel') {
    return new driver.Redis({
      ...common,
      sentinels: [...endpoints],
      name: address.master,
      db,
      ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    });
  }
  return new driver.Redis({ ...common, ...endpoints[0]!, db });
}

/** @throws StateUrlError when it cannot be reached */
async function connect(client: Client, address: RedisAddress): Promise<Client> {
  let last: Error | undefined;
  const note = (error: Error) => (last = error);
  // Without a listener an error would end the process; what it means for a step is said by the step.
  client.on('error', () => undefined);
  client.on('error', note);
  // The cause comes as an event; the rejection only says that the connection is closed.
  await Promise.race([client.connect(), sleep(CONNECT_MS, undefined, { ref: false })]).catch(
    (error: Error) => (last ??= error),
  );
  client.off('error', note);
  if (!isReady(client)) throw new StateUrlError(`STATE_URL: ${shown(address)} cannot be reached${reason(last)}`);
  return client;
}

const shown = (address: RedisAddress) => `Redis at ${address.shown}`;

/** Whether a connection takes commands while it is subscribed. Those of a Cluster are the driver's own. */
const hearsAsWell = (client: Client) => 'condition' in client && client.condition?.protocol === 3;

const isReady = ({ status }: { readonly status: string }) => status === 'ready';

/** Whether the server itself has answered so. */
const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';

/** What the server refuses is a fault of ours; everything else means that it cannot be used now. */
const asSeenByCallers = (error: unknown) =>
  isReply(error) && !NOT_NOW.test(error.message) ? error : stateUnavailable();

const reason = (error: Error | undefined) => {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  return code ? ` (${code})` : message ? ` (${message})` : '';
};
