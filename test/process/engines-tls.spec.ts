import { chownSync, statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TestCertificates } from '../support/certificates.js';
import { ClientPool, connectV2 } from '../support/clients.js';
import { TestNats } from '../support/nats.js';
import { TestPostgres } from '../support/postgres.js';
import { describeWith } from '../support/programs.js';
import { freePort, TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

/** A server that talks TLS, as the tests below see it. */
interface Engine {
  /** The address by a host's name. */
  address(host: string): string;
  /** Whether what was said has got there. */
  hasIt?(): Promise<boolean>;
  stop(): Promise<void>;
}

interface Kind {
  readonly title: string;
  readonly program: string;
  readonly variable: string;
  start(program: string, certificates: TestCertificates): Promise<Engine>;
}

const REDIS: Kind = {
  title: 'Redis at rediss://',
  program: 'redis-server',
  variable: 'STATE_URL',
  async start(program, { authority, certificate, key }) {
    const port = await freePort();
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', authority];
    const redis = await TestRedis.start(program, ['--tls-port', `${port}`, ...files, '--tls-auth-clients', 'no']);
    return { address: (host) => `rediss://${host}:${port}`, stop: () => redis.stop() };
  },
};

const POSTGRES: Kind = {
  title: 'PostgreSQL with sslmode=verify-full',
  program: 'initdb',
  variable: 'HISTORY_URL',
  async start(program, { certificate, key }) {
    const postgres = await TestPostgres.start(program);
    const { uid, gid } = statSync(postgres.folder);
    chownSync(key, uid, gid);
    for (const [name, value] of Object.entries({ ssl_cert_file: certificate, ssl_key_file: key, ssl: 'on' })) {
      await postgres.query(`alter system set ${name} = '${value}'`);
    }
    await postgres.query('select pg_reload_conf()');
    await until('TLS', async () => (await postgres.query('show ssl'))[0]!['ssl'] === 'on');
    return {
      address: (host) => `postgres://parley@${host}:${postgres.port}/postgres?sslmode=verify-full`,
      hasIt: async () =>
        (
          await postgres.query(`select 1 from parley.messages, pg_stat_ssl join pg_stat_activity using (pid)
            where text = 'by TLS' and application_name = 'parley' and ssl`)
        ).length > 0,
      stop: () => postgres.stop(),
    };
  },
};

const NATS: Kind = {
  title: 'NATS at tls://',
  program: 'nats-server',
  variable: 'EVENTS_URL',
  async start(program, { certificate, key }) {
    const port = await freePort();
    const tls = `tls { cert_file: "${certificate}", key_file: "${key}" }`;
    const nats = await TestNats.start(program, `${tls}\nhttp: "127.0.0.1:${port}"`);
    return {
      address: (host) => `tls://${host}:${nats.port}`,
      hasIt: async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/jsz`);
        return ((await answer.json()) as { messages: number }).messages > 0;
      },
      stop: () => nats.stop(),
    };
  },
};

describeWith(['openssl'], 'engines behind TLS', (openssl) => {
  for (const kind of [REDIS, POSTGRES, NATS]) {
    const { variable } = kind;
    describeWith([kind.program], kind.title, (path) => {
      describe.each([
        ['name', 'localhost', '127.0.0.1'],
        ['address', '127.0.0.1', 'localhost'],
      ])('with a certificate for its %s', (_, host, otherwise) => {
        const clients = new ClientPool();
        let certificates: TestCertificates;
        let engine: Engine;
        let service: ServiceProcess | undefined;

        const at = (address: string) => `${variable}: .* at ${address.replaceAll('.', '\\.')}:\\d+`;

        beforeAll(async () => {
          certificates = TestCertificates.make(openssl, host);
          engine = await kind.start(path, certificates);
        });
        afterEach(async () => {
          await clients.closeAll();
          await service?.end();
        });
        afterAll(async () => {
          await engine?.stop();
          certificates.remove();
        });

        it('is used when NODE_EXTRA_CA_CERTS names its authority', async () => {
          service = await ServiceProcess.start({
            [variable]: engine.address(host),
            NODE_EXTRA_CA_CERTS: certificates.authority,
          });
          const [ann, ben] = await Promise.all([
            clients.add(connectV2(service.url)),
            clients.add(connectV2(service.url)),
          ]);
          await ann.enter();
          const { room_id: roomId } = await ben.enter();
          await ben.say(roomId, 'by TLS');
          await ann.hearsMessage('by TLS');
          await until('what was said to arrive there', () => engine.hasIt?.() ?? true);
        });

        it('stops the start when nobody vouches for it', async () => {
          service = ServiceProcess.run({ [variable]: engine.address(host) });
          expect(await service.exited).toBe(1);
          expect(service.stderr).toMatch(new RegExp(`${at(host)}.*(SELF_SIGNED_CERT|UNABLE_TO_\\w+)`));
        });

        it('stops the start when its certificate is for something else', async () => {
          service = ServiceProcess.run({
            [variable]: engine.address(otherwise),
            NODE_EXTRA_CA_CERTS: certificates.authority,
          });
          expect(await service.exited).toBe(1);
          expect(service.stderr).toMatch(new RegExp(`${at(otherwise)}.*ERR_TLS_CERT_ALTNAME_INVALID`));
        });
      });
    });
  }
});
