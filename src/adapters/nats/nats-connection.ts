import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import { Logger } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import type * as Nats from '@nats-io/transport-node';
import { ADDRESS_FORMS, type NatsAddress, parseAddress } from './nats-address.js';

/** How long one attempt to connect, and one answer of the server, may take, in milliseconds. */
const ANSWER_MS = 5_000;
/** Pause between two attempts to connect again, and between two looks whether the server is there, in milliseconds. */
const PAUSE_MS = 500;
const PING_MS = 10_000;

const CREDENTIALS = /BEGIN NATS USER JWT[^]*BEGIN USER NKEY SEED/;

/** The message queue cannot be used as configured; `message` says why, without credentials. */
export class EventsUrlError extends Error {
  override readonly name = 'EventsUrlError';
}

interface Driver {
  readonly transport: typeof Nats;
  readonly jetstreamManager: (connection: Nats.NatsConnection, options: object) => Promise<JetStreamManager>;
}

/** A connection to NATS that comes back by itself. */
export class NatsConnection {
  readonly #logger = new Logger('NATS');
  #isReady = true;

  private constructor(
    private readonly driver: Driver,
    private readonly connection: Nats.NatsConnection,
    /** Where it leads, without credentials, for messages. */
    readonly shown: string,
  ) {
    void this.#watch();
  }

  /** @throws EventsUrlError one clear line */
  static async open(url: string, credentialsFile: string | null): Promise<NatsConnection> {
    const address = parseAddress(url);
    if (!address) throw new EventsUrlError(`EVENTS_URL must be ${ADDRESS_FORMS}`);
    const shown = `NATS at ${address.servers.join(', ')}`;
    const driver = await loadDriver();
    const authenticator = credentialsFile === null ? undefined : fileAuthenticator(driver, credentialsFile);
    const connecting = driver.transport.connect(connectOptions(address, authenticator));
    const connection = await connecting.catch((error: Error) => {
      throw new EventsUrlError(`EVENTS_URL: ${shown} ${connectFailure(error)}`);
    });
    return new NatsConnection(driver, connection, shown);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** The largest message that the server takes, headers included, in bytes. */
  get maxPayload(): number {
    return this.connection.info?.max_payload ?? 0;
  }

  /** What would be sent now would otherwise pile up here until the connection is back. @throws when there is none */
  requireReady(): void {
    if (!this.#isReady) throw new Error(`${this.shown} cannot be reached`);
  }

  async manager(): Promise<JetStreamManager> {
    return this.driver.jetstreamManager(this.connection, { checkAPI: false, timeout: ANSWER_MS });
  }

  headers(values: Readonly<Record<string, string>>): Nats.MsgHdrs {
    const headers = this.driver.transport.headers();
    for (const [name, value] of Object.entries(values)) headers.set(name, value);
    return headers;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') {
        this.#isReady = false;
        this.#logger.warn({ msg: 'connection lost, connecting again' });
      } else if (type === 'reconnect') {
        this.#isReady = true;
        this.#logger.log({ msg: 'connected again' });
      }
    }
  }
}

async function loadDriver(): Promise<Driver> {
  try {
    const [transport, { jetstreamManager }] = await Promise.all([
      import('@nats-io/transport-node'),
      import('@nats-io/jetstream'),
    ]);
    return { transport, jetstreamManager };
  } catch {
    throw new EventsUrlError(
      'EVENTS_URL needs the packages @nats-io/transport-node and @nats-io/jetstream, which are not installed; ' +
        'run npm install @nats-io/transport-node @nats-io/jetstream',
    );
  }
}

function connectOptions(address: NatsAddress, authenticator: Nats.Authenticator | undefined) {
  const { servers, tls, login } = address;
  return {
    servers: [...servers],
    name: 'parley',
    ...login,
    ...(authenticator && { authenticator }),
    ...(tls && { tls: tlsOptions(servers) }),
    timeout: ANSWER_MS,
    pingInterval: PING_MS,
    reconnectTimeWait: PAUSE_MS,
    maxReconnectAttempts: -1,
    // Credentials that are changed on the server first are changed here a little later.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  };
}

/**
 * The driver has a server that is named by its address checked as if it were `localhost`; instead, its certificate must be
 * for one of the addresses that were configured.
 */
function tlsOptions(
  servers: readonly string[],
): Nats.NodeConnectionOptions['tls'] & Pick<ConnectionOptions, 'checkServerIdentity'> {
  const hosts = servers.map((server) => server.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return {
    checkServerIdentity: (name: string, certificate: PeerCertificate) => {
      const isAddress = name === 'localhost' && !hosts.includes(name) && addresses.length > 0;
      const names = isAddress ? addresses : [name];
      const refusals = names.map((each) => checkServerIdentity(each, certificate));
      return refusals.every((refusal) => refusal !== undefined) ? refusals[0] : undefined;
    },
  };
}

/** Reads the file for each connection, so that it may be changed. */
function fileAuthenticator({ transport }: Driver, file: string): Nats.Authenticator {
  const read = () => readFileSync(file);
  let text: string;
  try {
    text = read().toString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EventsUrlError(`EVENTS_CREDENTIALS_FILE: ${file} cannot be read (${code})`);
  }
  if (!CREDENTIALS.test(text)) throw new EventsUrlError(`EVENTS_CREDENTIALS_FILE: ${file} is no .creds file`);
  return transport.credsAuthenticator(read);
}

function connectFailure(error: Error): string {
  if (/^(AuthorizationError|UserAuthenticationExpiredError)$/.test(error.name)) return 'refuses the credentials';
  if (error.name === 'TimeoutError') return 'cannot be reached (no answer)';
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  return code ? `cannot be reached (${code})` : `cannot be used (${message})`;
}
