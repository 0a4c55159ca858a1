import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { NatsEventPublisher, type NatsPublisherOptions } from '../../src/adapters/nats/nats-event-publisher.js';
import type { CloudEvent } from '../../src/ports/event-publisher.js';
import { describeEventPublisherContract } from '../../src/testing/index.js';
import { TestNats } from '../support/nats.js';
import { operatorMode } from '../support/nats-credentials.js';
import { describeWith } from '../support/programs.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const settings = (url: string, name: string, overrides: Partial<NatsPublisherOptions> = {}): NatsPublisherOptions => ({
  url,
  credentialsFile: null,
  stream: `parley-events-${name}`,
  subjects: `parley.${name}`,
  maxAgeMs: 3_600_000,
  maxBytes: 50_000_000,
  replicas: 1,
  ...overrides,
});

const eventOf = (number: number): CloudEvent => ({
  specversion: '1.0',
  id: `record-${number}`,
  source: 'parley://test',
  type: 'parley.message.sent',
  subject: 'room',
  time: new Date(number).toISOString(),
  datacontenttype: 'application/json',
  dataschema: 'https://example.org/message.sent.json',
  data: { number },
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => eventOf(from + i));
const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id);

describeWith(['nats-server'], 'a publisher on NATS', (program) => {
  let nats: TestNats;
  const open: NatsEventPublisher[] = [];
  const proxies: TcpProxy[] = [];
  let made = 0;

  beforeAll(async () => {
    nats = await TestNats.start(program);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((publisher) => publisher.onApplicationShutdown()));
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  });
  afterAll(() => nats.stop());

  const publisher = async (options: NatsPublisherOptions) => {
    const opened = await NatsEventPublisher.open(options);
    open.push(opened);
    return opened;
  };
  const fresh = () => `test-${++made}`;
  const stored = async (name: string) => (await nats.stored(`parley-events-${name}`)).map(({ json }) => json);
  const update = async (name: string, change: object) =>
    void (await (await nats.manager()).streams.update(`parley-events-${name}`, change));

  describeEventPublisherContract(
    'NATS JetStream',
    async () => {
      const name = fresh();
      return {
        publisher: await publisher(settings(nats.url, name)),
        read: async () => (await stored(name)) as unknown as CloudEvent[],
        limit: (events) => update(name, { max_msgs: events, discard: 'new' }),
        unlimit: () => update(name, { max_msgs: -1 }),
      };
    },
    { describe, it },
  );

  it('makes the stream when it is missing, and leaves one that is there as it is', async () => {
    const name = fresh();
    await publisher(settings(nats.url, name));
    const { streams } = await nats.manager();
    const { config } = await streams.info(`parley-events-${name}`);
    expect(config).toMatchObject({
      subjects: [`parley.${name}.>`],
      storage: 'file',
      retention: 'limits',
      discard: 'old',
      max_age: 3_600_000_000_000,
      max_bytes: 50_000_000,
      num_replicas: 1,
      duplicate_window: 120_000_000_000,
    });
    await publisher(settings(nats.url, name, { maxAgeMs: 0, maxBytes: 0 }));
    expect((await streams.info(`parley-events-${name}`)).config).toEqual(config);
  });

  it('sends CloudEvents under a subject of their kind, with what recognises a repetition', async () => {
    const name = fresh();
    await (await publisher(settings(nats.url, name))).publish(range(0, 1));
    const [message] = await nats.stored(`parley-events-${name}`);
    expect(message!.subject).toBe(`parley.${name}.message.sent`);
    expect(message!.header('Nats-Msg-Id')).toBe('record-0');
    expect(message!.header('content-type')).toBe('application/cloudevents+json; charset=utf-8');
  });

  it('stores nothing twice that comes again when the stream no longer recognises repetitions', async () => {
    const name = fresh();
    const first = await publisher(settings(nats.url, name));
    await update(name, { duplicate_window: 100_000_000 });
    await first.publish(range(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // What another instance does when the first ended between publishing and acknowledging.
    const second = await publisher(settings(nats.url, name));
    await second.publish(range(5, 15));
    expect(idsOf(await stored(name))).toEqual(idsOf(range(0, 15)));
  });

  it('keeps its order when others write into the same stream', async () => {
    const name = fresh();
    const [ours, theirs] = ['ours', 'theirs'].map((part) =>
      settings(nats.url, name, { subjects: `parley.${name}.${part}` }),
    );
    await (await nats.manager()).streams.add({ name: `parley-events-${name}`, subjects: [`parley.${name}.>`] });
    const [one, other] = await Promise.all([publisher(ours!), publisher(theirs!)]);
    const others = range(1_000, 1_200);
    await Promise.all([
      one.publish(range(0, 200)),
      (async () => {
        for (const event of others) await other.publish([event]);
      })(),
    ]);
    const ids = idsOf(await stored(name));
    expect(ids.filter((id) => others.some((event) => event.id === id))).toEqual(idsOf(others));
    expect(ids.filter((id) => !others.some((event) => event.id === id))).toEqual(idsOf(range(0, 200)));
  });

  it('makes a stream again that was deleted meanwhile', async () => {
    const name = fresh();
    const one = await publisher(settings(nats.url, name));
    await one.publish(range(0, 3));
    await (await nats.manager()).streams.delete(`parley-events-${name}`);
    await one.publish(range(3, 5));
    expect(idsOf(await stored(name))).toEqual(idsOf(range(3, 5)));
  });

  it('rejects at once while there is no connection, and goes on when it is back', async () => {
    const name = fresh();
    const proxy = await TcpProxy.start(new URL(nats.url));
    proxies.push(proxy);
    const one = await publisher(settings(`nats://${proxy.url.host}`, name));
    await one.publish(range(0, 2));
    proxy.hold();
    proxy.cut();
    await until('the loss to be noticed', () => !one.reachable);
    await expect(one.publish(range(2, 4))).rejects.toThrow(/^NATS at 127\.0\.0\.1:\d+ cannot be reached$/);
    proxy.release();
    await until('the connection', () => one.reachable);
    await one.publish(range(2, 4));
    expect(idsOf(await stored(name))).toEqual(idsOf(range(0, 4)));
  });
});

describeWith(['nats-server'], 'the start of a publisher on NATS', (program) => {
  const refused = (options: NatsPublisherOptions) =>
    NatsEventPublisher.open(options).then(
      async (publisher) => {
        await publisher.onApplicationShutdown();
        throw new Error('it started');
      },
      (error: Error) => error.message,
    );

  async function withServer<T>(lines: string, body: (nats: TestNats) => Promise<T>, login = {}): Promise<T> {
    const nats = await TestNats.start(program, lines, login);
    try {
      return await body(nats);
    } finally {
      await nats.stop();
    }
  }

  it('fails with one clear line without credentials when nobody is there', async () => {
    expect(await refused(settings('nats://parley:secret@127.0.0.1:1', 'x'))).toBe(
      'EVENTS_URL: NATS at 127.0.0.1:1 cannot be reached (ECONNREFUSED)',
    );
  });

  it('fails when there is no JetStream', async () => {
    await withServer('# no jetstream', async ({ url, port }) => {
      expect(await refused(settings(url, 'x'))).toBe(
        `EVENTS_URL: NATS at 127.0.0.1:${port}: there is no JetStream; start the server with jetstream enabled`,
      );
    });
  });

  it('fails when the server is of another kind, or the stream does not take the subjects', async () => {
    await withServer('max_payload: 32768', async ({ url, port }) => {
      expect(await refused(settings(url, 'x'))).toBe(
        `EVENTS_URL: NATS at 127.0.0.1:${port} takes messages of at most 32768 bytes; 66560 are needed`,
      );
    });
    await withServer('', async (nats) => {
      await (await nats.manager()).streams.add({ name: 'parley-events-x', subjects: ['other.*'] });
      expect(await refused(settings(nats.url, 'x'))).toBe(
        `EVENTS_URL: NATS at 127.0.0.1:${nats.port}: the stream parley-events-x cannot be used (it does not take parley.x.>)`,
      );
    });
  });

  it('takes a user or a token, and fails with others', async () => {
    const lines = 'authorization { user: "par:ley", password: "s@cret" }';
    await withServer(lines, async ({ port }) => {
      const publisher = await NatsEventPublisher.open(settings(`nats://par%3Aley:s%40cret@127.0.0.1:${port}`, 'x'));
      await publisher.onApplicationShutdown();
      expect(await refused(settings(`nats://parley:wrong@127.0.0.1:${port}`, 'x'))).toBe(
        `EVENTS_URL: NATS at 127.0.0.1:${port} refuses the credentials`,
      );
    });
    await withServer('authorization { token: "tok" }', async ({ port }) => {
      const publisher = await NatsEventPublisher.open(settings(`nats://tok@127.0.0.1:${port}`, 'x'));
      await publisher.onApplicationShutdown();
    });
  });

  it('takes a file of credentials, and says what is wrong with another', async () => {
    const { settings: lines, credentials } = operatorMode();
    const folder = mkdtempSync(join(tmpdir(), 'parley-creds-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    try {
      await withServer(lines, async ({ url, port }) => {
        const using = (credentialsFile: string) => settings(url, 'x', { credentialsFile });
        const publisher = await NatsEventPublisher.open(using(file('user.creds', credentials)));
        await publisher.onApplicationShutdown();
        const stranger = file('stranger.creds', operatorMode().credentials);
        expect(await refused(using(stranger))).toBe(`EVENTS_URL: NATS at 127.0.0.1:${port} refuses the credentials`);
        expect(await refused(using(file('notes', 'hello')))).toBe(
          `EVENTS_CREDENTIALS_FILE: ${join(folder, 'notes')} is no .creds file`,
        );
        expect(await refused(using(join(folder, 'nowhere')))).toBe(
          `EVENTS_CREDENTIALS_FILE: ${join(folder, 'nowhere')} cannot be read (ENOENT)`,
        );
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('needs no more than the documented permissions', async () => {
    const permissions = `{
      publish: ["parley.x.>", "$JS.API.STREAM.INFO.parley-events-x", "$JS.API.STREAM.CREATE.parley-events-x",
        "$JS.API.STREAM.MSG.GET.parley-events-x"], subscribe: ["_INBOX.>"] }`;
    const lines = `authorization { users: [
      { user: parley, password: secret, permissions: ${permissions} }, { user: admin, password: secret } ] }`;
    const admin = { user: 'admin', pass: 'secret' };
    await withServer(
      lines,
      async (nats) => {
        const publisher = await NatsEventPublisher.open(settings(`nats://parley:secret@127.0.0.1:${nats.port}`, 'x'));
        await publisher.publish(range(0, 5));
        await publisher.publish(range(3, 8));
        await publisher.onApplicationShutdown();
        expect((await nats.stored('parley-events-x')).map(({ json }) => json.id)).toEqual(idsOf(range(0, 8)));
      },
      admin,
    );
  });

  it('speaks TLS, and trusts no certificate that nobody vouches for', async () => {
    const pem = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
    const lines = `tls { cert_file: "${pem('receiver.cert')}", key_file: "${pem('receiver.key')}" }`;
    await withServer(lines, async ({ port }) => {
      expect(await refused(settings(`tls://127.0.0.1:${port}`, 'x'))).toMatch(
        /^EVENTS_URL: NATS at 127\.0\.0\.1:\d+ cannot be reached \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
      );
    });
    await withServer('', async ({ port }) => {
      expect(await refused(settings(`tls://127.0.0.1:${port}`, 'x'))).toBe(
        `EVENTS_URL: NATS at 127.0.0.1:${port} cannot be used (server does not support 'tls')`,
      );
    });
  });
});
