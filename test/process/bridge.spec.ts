import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Client as ClientV2 } from '@modelcontextprotocol/client';
import { type Failure, connectV1, connectV2, ERAS, rpcFailure } from '../support/clients.js';
import { HttpProxy } from '../support/http-proxy.js';
import { INJECTIONS } from '../support/injection-corpus.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';
import { BridgeHost, type HostOptions } from './bridge-hosts.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(60_000);

const parley = useParley();
const hosts: BridgeHost[] = [];
const closing: { close(): Promise<void> }[] = [];
const host = async (era: BridgeEra, url: URL | string, options?: HostOptions) => {
  const started = await BridgeHost.start(era, url, options);
  hosts.push(started);
  return started;
};
type BridgeEra = Parameters<typeof BridgeHost.start>[0];
const HTTP = { '2025-11-25': connectV1, '2026-07-28': connectV2 };

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((each) => each.close()));
  await Promise.all(closing.splice(0).map((each) => each.close()));
});

describe.each(ERAS)('the bridge to a host of $era', ({ era }) => {
  beforeEach(
    async () => void (await parley.start({ environment: { WAIT_MAX_SECONDS: 20, WAIT_PROGRESS_SECONDS: 1 } })),
  );

  it('has the catalogue of the service', async () => {
    const bridged = (await host(era, parley.server.url)).client as ClientV2;
    const direct = (await parley.client(HTTP[era] as typeof connectV2)).client;
    expect(await bridged.listTools()).toEqual(await direct.listTools());
    expect(await bridged.listPrompts()).toEqual(await direct.listPrompts());
    expect(await bridged.listResources()).toEqual(await direct.listResources());
    expect(await bridged.listResourceTemplates()).toEqual(await direct.listResourceTemplates());
    expect(bridged.getServerVersion()).toEqual(direct.getServerVersion());
    expect(bridged.getInstructions()).toContain(direct.getInstructions());
    const prompt = { name: 'find_partner', arguments: { pool: 'default' } };
    expect(await bridged.getPrompt(prompt)).toEqual(await direct.getPrompt(prompt));
    const completion = {
      ref: { type: 'ref/prompt' as const, name: 'find_partner' },
      argument: { name: 'pool', value: 'd' },
    };
    expect(await bridged.complete(completion)).toEqual(await direct.complete(completion));
  });

  it('holds a conversation in which the host never names its participant', async () => {
    const ann = await host(era, parley.server.url);
    const ben = await parley.client(connectV2);
    const { status } = await ann.ok('enter_queue', { display_name: 'Ann' });
    expect(status).toBe('waiting');
    const { room_id } = await ben.enter({ display_name: 'Ben' });
    const { events } = await ann.ok('wait_for_message', { timeout_seconds: 10 });
    expect(events[0]).toMatchObject({ name: 'chatroom.found', data: { room_id, partner: { display_name: 'Ben' } } });

    await ann.ok('send_message', { room_id, message: 'Hello' });
    await ben.hearsMessage('Hello');
    await ben.say(room_id, 'Hi');
    const heard = await ann.ok('wait_for_message', { timeout_seconds: 10 });
    expect(heard.events).toEqual([expect.objectContaining({ name: 'message.received' })]);
    const { contents } = await (ann.client as ClientV2).readResource({ uri: `chat://rooms/${room_id}` });
    expect(JSON.parse((contents as { text: string }[])[0]!.text)).toMatchObject({
      messages: [{ message: 'Hello' }, { message: 'Hi' }],
    });
    expect(parley.server.streams).toBe(1); // Ben's: without --channel the bridge follows nothing.
  });

  it('passes failures on word for word', async () => {
    const bridged = await host(era, parley.server.url);
    const direct = await parley.client(HTTP[era] as typeof connectV2);
    await bridged.ok('enter_queue');
    await direct.become('enter_queue', { pool: 'default' });
    for (const [tool, args] of [
      ['send_message', { room_id: 'nowhere', message: 'Hello' }],
      ['send_message', { room_id: 1 }],
      ['enter_queue', { pool: 'nowhere' }],
      ['get_status', { nonsense: true }],
    ] as const) {
      const { facts, text, isError } = await bridged.call(tool, args);
      expect(isError).toBe(true);
      expect({ ...(facts as unknown as Failure), text }).toEqual(await direct.refused(tool, args));
    }
    const unknown = (client: unknown) => rpcFailure((client as ClientV2).callTool({ name: 'nothing', arguments: {} }));
    const { code, message } = await unknown(direct.client);
    expect(await unknown(bridged.client)).toMatchObject({ code, message });
  });

  it('passes progress and cancellation', async () => {
    const { server } = parley;
    const ann = await host(era, server.url);
    await ann.ok('enter_queue');
    const seen: object[] = [];
    const stop = new AbortController();
    const call = { name: 'wait_for_message', arguments: { timeout_seconds: 19 } };
    const options = { signal: stop.signal, onprogress: (progress: object) => void seen.push(progress) };
    const waitingCall =
      era === '2025-11-25'
        ? (ann.client as unknown as { callTool(a: object, b: undefined, c: object): Promise<unknown> }).callTool(
            call,
            undefined,
            options,
          )
        : (ann.client as ClientV2).callTool(call, options);
    const outcome = waitingCall.catch((error: Error) => error);
    await server.waiting(1);
    await until('progress', () => seen.length > 0, 20_000);
    expect(seen[0]).toMatchObject({ message: 'Still waiting', total: 19 });
    stop.abort('enough');
    await server.waiting(0);
    expect(await outcome).toBeInstanceOf(Error);
  });

  it('starts before the service does, says what is missing, and goes on once it is there', async () => {
    const { url } = parley.server;
    await parley.stop();
    const ann = await host(era, url);
    const refused = await rpcFailure((ann.client as ClientV2).listTools());
    expect(refused.message).toContain(`${url.href} cannot be reached`);
    const { isError, facts, text } = await ann.call('get_status');
    expect([isError, text]).toEqual([true, expect.stringContaining(url.href)]);
    expect(facts).toMatchObject({ code: 'unavailable', retryable: true });

    await parley.start({ environment: { PORT: url.port } });
    if (era === '2025-11-25') {
      await until(
        'the lists to have changed',
        () => ann.heard.some(({ method }) => method === 'notifications/tools/list_changed'),
        20_000,
      );
    }
    expect((await (ann.client as ClientV2).listTools()).tools.length).toBeGreaterThan(5);
    expect(await ann.ok('enter_queue')).toMatchObject({ status: 'waiting' });
  });

  it('enters anew after a restart that lost the participant', async () => {
    const { url } = parley.server;
    const ann = await host(era, url);
    const before = await ann.ok('enter_queue', { display_name: 'Ann' });
    await parley.stop();
    await parley.start({ environment: { PORT: url.port } });
    const lost = await ann.call('get_status');
    expect(lost.facts).toMatchObject({ code: 'participant_not_found', hint: expect.stringContaining('enter_queue') });
    const after = await ann.ok('enter_queue', { display_name: 'Ann' });
    expect(after.status).toBe('waiting');
    expect(after.participant_token).not.toBe(before.participant_token);

    await parley.stop();
    await parley.start({ environment: { PORT: url.port } });
    expect(await ann.ok('enter_queue', { display_name: 'Ann' })).toMatchObject({ status: 'waiting' });
  });

  it('leaves the chats of the participant it made when the host closes it, and ends', async () => {
    const ann = await host(era, parley.server.url);
    const ben = await parley.client(connectV2);
    await ann.ok('enter_queue', { display_name: 'Ann' });
    await ben.enter({ display_name: 'Ben' });
    await ann.close();
    const { params } = await ben.hears('partner.disconnected');
    expect(params).toMatchObject({ reason: 'left' });
    await until('the process to be gone', () => !ann.running);
  });

  it('stays in the chats of a participant that the host brought along', async () => {
    const ann = await parley.client(connectV2);
    const ben = await parley.client(connectV2);
    const { roomId } = await parley.match(ann, ben);
    const bridged = await host(era, parley.server.url);
    await bridged.ok('get_status', { participant_token: ann.token });
    await bridged.ok('send_message', { room_id: roomId, message: 'From elsewhere' });
    await ben.hearsMessage('From elsewhere');
    await bridged.close();
    await ann.say(roomId, 'Still here');
    await ben.hearsMessage('Still here');
    expect(ben.all('partner.disconnected')).toEqual([]);
  });
});

describe('the bridge', () => {
  it('says what to set where a bearer token is wanted, sends it, and never shows it', async () => {
    await parley.start();
    const proxy = await HttpProxy.start(parley.server.url, { bearer: 'very-secret' });
    closing.push(proxy);
    const without = await host('2025-11-25', proxy.url);
    const { text } = await without.call('enter_queue');
    expect(text).toContain('PARLEY_BEARER_TOKEN');
    expect(without.stderr).toContain('wants a bearer token (401)');
    const wrong = await host('2025-11-25', proxy.url, { env: { PARLEY_BEARER_TOKEN: 'very-wrong' } });
    expect((await wrong.call('enter_queue')).text).toContain('does not accept the bearer token');
    const ann = await host('2025-11-25', proxy.url, {
      flags: ['--channel'],
      env: { PARLEY_BEARER_TOKEN: 'very-secret' },
    });
    const { participant_token } = await ann.ok('enter_queue', { display_name: 'Ann-Sophie' });
    const ben = await parley.client(connectV2);
    const { room_id } = await ben.enter();
    await ben.say(room_id, 'between us');
    await ann.isTold('message.received');
    for (const secret of ['very-', participant_token, 'between us', 'Ann-Sophie']) {
      expect(ann.stderr + wrong.stderr).not.toContain(secret);
    }
    for (const line of ann.stderr.trimEnd().split('\n')) expect(line).toMatch(/^parley bridge: /);
  });

  it('tells a lost answer from a service that is not there', async () => {
    await parley.start();
    const network = await parley.network();
    const ann = await host('2025-11-25', network.url);
    await ann.ok('enter_queue');
    const waiting = ann.call('wait_for_message', { timeout_seconds: 20 });
    await parley.server.waiting(1);
    network.cut();
    const { facts } = await waiting;
    expect(facts).toMatchObject({ code: 'unavailable', retryable: false, hint: expect.stringContaining('get_status') });
    expect(await ann.ok('get_status')).toMatchObject({ tickets: [expect.anything()] });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with %s', async (signal) => {
    await parley.start();
    const ann = await host('2025-11-25', parley.server.url);
    process.kill(ann.pid, signal);
    await until('the process to be gone', () => !ann.running, 10_000);
  });

  it.each([
    [['--nope'], /--nope/],
    [['ftp://example.org'], /not the URL/],
    [['http://a', 'http://b'], /one url is enough/],
  ])('refuses %j', async (args, words) => {
    const command = ServiceProcess.run({}, 'dist/cli/parley.js', 'bridge', ...args);
    expect(await command.exited).toBe(2);
    expect(command.stderr).toMatch(words);
    expect(command.stdout).toBe('');
  });

  it('helps', async () => {
    const command = ServiceProcess.run({}, 'dist/cli/parley.js', 'bridge', '--help');
    expect([await command.exited, command.stderr]).toEqual([0, '']);
    for (const word of ['--channel', 'PARLEY_BEARER_TOKEN']) expect(command.stdout).toContain(word);
  });
});

describe.each(ERAS)('the channel of a host of $era', ({ era }) => {
  const options: HostOptions = { flags: ['--channel'] };

  it('is declared, explained and tells what happens', async () => {
    await parley.start();
    const ann = await host(era, parley.server.url, options);
    expect(ann.client.getServerCapabilities()?.experimental).toEqual({ 'claude/channel': {} });
    expect(ann.client.getInstructions()).toContain('send_message');
    await ann.ok('enter_queue', { display_name: 'Ann' });
    const ben = await parley.client(connectV2);
    const { room_id } = await ben.enter({ display_name: 'Ben' });
    await ben.ok('set_typing', { room_id });
    const { message_id } = await ben.say(room_id, 'Hello');
    await ben.ok('leave_chat', { room_id });

    await ann.isTold('room.closed');
    const names = ann.channel.map(({ meta }) => meta['event']);
    expect(names).toEqual(['chatroom.found', 'message.received', 'partner.disconnected', 'room.closed']);
    const [message] = ann.told('message.received');
    expect(message!.meta).toEqual({
      event: 'message.received',
      event_id: expect.stringMatching(/^e1_/),
      timestamp: expect.any(String),
      room_id,
      message_id,
      seq: '1',
      sender_id: ben.userId,
    });
    expect(message!.content).toMatch(/<untrusted-(\w+)>\nHello\n<\/untrusted-\1>/);
  });

  it('tells everything once and in order over a network that breaks', async () => {
    await parley.start();
    const network = await parley.network();
    const ann = await host(era, network.url, options);
    await ann.ok('enter_queue');
    const ben = await parley.client(connectV2);
    const { room_id } = await ben.enter();
    await ann.isTold('chatroom.found');
    for (let seq = 1; seq <= 12; seq++) {
      if (seq % 4 === 2) network.cut({ streamsOnly: true });
      if (seq === 5) network.hold();
      await ben.say(room_id, `message ${seq}`);
      if (seq === 8) network.release();
    }
    await ann.isTold('message.received', 12);
    expect(ann.told('message.received').map(({ meta }) => Number(meta['seq']))).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });

  it('says once that a restart lost the participant, and goes on with the next', async () => {
    const { url } = await parley.start();
    const ann = await host(era, url, options);
    await ann.ok('enter_queue', { display_name: 'Ann' });
    const ben = await parley.client(connectV2);
    const first = await ben.enter();
    await ben.say(first.room_id, 'before');
    await ann.isTold('message.received');
    await parley.stop();
    await parley.start({ environment: { PORT: url.port } });

    const { content } = await ann.isTold('participant.forgotten');
    expect(content).toContain('enter_queue');
    await ann.ok('enter_queue', { display_name: 'Ann' });
    const cleo = await parley.client(connectV2);
    const second = await cleo.enter();
    for (const text of ['one', 'two', 'three']) await cleo.say(second.room_id, text);
    await ann.isTold('message.received', 4);
    expect(ann.channel.map(({ meta }) => meta['event'])).toEqual([
      'chatroom.found',
      'message.received',
      'participant.forgotten',
      'chatroom.found',
      'message.received',
      'message.received',
      'message.received',
    ]);
  });

  it('carries what partners write as data only', async () => {
    await parley.start({ environment: { MESSAGE_RATE_COUNT: 0 } });
    const ann = await host(era, parley.server.url, options);
    await ann.ok('enter_queue');
    const ben = await parley.client(connectV2);
    const { room_id } = await ben.enter({ display_name: '<img src=x> "Ben"' });
    for (const { text } of INJECTIONS) await ben.say(room_id, text);
    await ann.isTold('message.received', INJECTIONS.length);
    ann.told('message.received').forEach(({ content, meta }, index) => {
      const [, nonce] = /^Text between <untrusted-(\w+)> marks was written by other participants/.exec(content) ?? [];
      const name = JSON.stringify('<img src=x> "Ben"');
      expect(content.split('\n').slice(1).join('\n')).toBe(
        [
          `Message ${index + 1} from ${name} in room ${room_id}:`,
          `<untrusted-${nonce}>`,
          // The host's own tag is the one thing that must not be there.
          INJECTIONS[index]!.shown.replaceAll(/<(?=\/?channel)/g, '‹'),
          `</untrusted-${nonce}>`,
          'Call send_message with this room_id to answer.',
        ].join('\n'),
      );
      for (const [key, value] of Object.entries(meta)) {
        expect(key).toMatch(/^\w+$/);
        expect(value).toMatch(/^[\w.:-]+$/);
      }
    });
  });
});
