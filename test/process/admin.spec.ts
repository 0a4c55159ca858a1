import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { visible } from '../../src/domain/text.js';
import { enter, pairUp, say, StatelessPeer, structured } from '../e2e/http/wire.js';
import { INJECTIONS } from '../support/injection-corpus.js';
import { freePort } from '../support/redis.js';
import { ServiceProcess } from './service.js';

jest.setTimeout(120_000);

const ADMIN_TOKEN = 'an-admin-token-of-thirty-two-characters';
const POOLS = '[{"name":"default","supervision":true},{"name":"mentors"},{"name":"quiet"}]';

describe('parley admin', () => {
  let service: ServiceProcess;
  let peer: StatelessPeer;

  beforeAll(async () => {
    service = await ServiceProcess.start({ ADMIN_TOKEN, POOLS, MESSAGE_RATE_COUNT: '0' });
    peer = new StatelessPeer(service.url);
  });
  afterAll(() => service.end());

  const runWith = async (environment: Readonly<Record<string, string>>, ...args: string[]) => {
    const command = ServiceProcess.run(environment, 'dist/cli/parley.js', 'admin', ...args);
    return { code: await command.exited, stdout: command.stdout, stderr: command.stderr };
  };
  const run = (...args: string[]) =>
    runWith({ PARLEY_ADMIN_TOKEN: ADMIN_TOKEN, PARLEY_URL: service.url.origin }, ...args);
  /** What a command that must succeed prints. */
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    expect([args, code, stderr]).toEqual([args, 0, '']);
    return stdout;
  };
  const json = async (...args: string[]) => JSON.parse(await said(...args, '--json')) as Record<string, never>;

  it('says what it can do, all of it or of one command', async () => {
    const all = await runWith({}, '--help');
    expect([all.code, all.stderr]).toEqual([0, '']);
    for (const words of ['overview', 'pools pause POOL', 'tickets move TICKET POOL', 'cases resolve CASE', 'audit']) {
      expect(all.stdout).toContain(`  ${words} `);
    }
    expect(all.stdout).toMatch(/PARLEY_ADMIN_TOKEN/);
    const one = await runWith({}, 'pools', '--help');
    expect(one.stdout).toMatch(/^parley admin pools: all pools\n/);
    expect(one.stdout).toContain('pools strategy POOL STRATEGY');
    expect((await runWith({}, 'ban', '--help')).stdout).toMatch(/--for TIME .*7d/);
  });

  it('pauses, switches and opens a pool', async () => {
    expect(await said('pools', 'pause', 'mentors')).toMatch(/^POOL +MODE +STRATEGY.*\nmentors +paused +fifo +0 +-\n$/);
    expect(await said('pools', 'strategy', 'mentors', 'priority')).toMatch(
      /mentors +paused +priority \(by an operator\)/,
    );
    expect(await said('pools', 'strategy', 'mentors', 'configured')).toMatch(/mentors +paused +fifo +0/);
    expect(await json('pools', 'drain', 'mentors')).toMatchObject({ pool: 'mentors', mode: 'draining' });
    expect(await said('pools', 'resume', 'mentors')).toMatch(/mentors +open/);
    expect(await said('pools', 'show', 'mentors')).toMatch(/mentors +open/);
    expect(await said('pools')).toMatch(/\ndefault +open.*\nmentors +open.*\nquiet +open/);
  });

  it('lists, moves and cancels tickets', async () => {
    await enter(peer, { pool: 'quiet', display_name: 'Ann' });
    const { tickets } = (await json('tickets', 'quiet')) as unknown as { tickets: { ticket_id: string }[] };
    const [{ ticket_id: ticket }] = tickets as [{ ticket_id: string }];
    expect(await said('tickets', 'quiet')).toMatch(new RegExp(`\\n${ticket} +waiting +\\d+s +0 +Ann\\n`));
    expect(await said('tickets', 'move', ticket, 'mentors')).toMatch(/pool +mentors\n/);
    expect(await said('tickets', 'cancel', ticket)).toMatch(new RegExp(`^ticket +${ticket}\n`));
    expect(await said('tickets', 'quiet')).toBe('Nobody waits.\n');
  });

  it('watches, reads and closes a room, and shows what people wrote harmless', async () => {
    const { first, roomId } = await pairUp(peer, peer);
    for (const { text } of INJECTIONS) await say(peer, first, roomId, text);
    const { code, stderr } = await run('rooms', 'transcript', roomId);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^parley admin: .*not for operators/)]);
    expect(await said('rooms', 'watch', roomId)).toMatch(/watched +yes, and its members know/);
    const transcript = await said('rooms', 'transcript', roomId, '--limit', '500', '--why', 'a look');
    expect(transcript.split('\n')).toHaveLength(INJECTIONS.length + 2);
    expect(visible(transcript)).toBe(transcript);
    const raw = await said('rooms', 'transcript', roomId, '--limit', '500', '--json');
    expect(visible(raw)).toBe(raw);
    const { messages } = JSON.parse(raw) as { messages: { message: string }[] };
    expect(messages.map(({ message }) => message)).toEqual(INJECTIONS.map(({ text }) => text));
    expect(await said('rooms', 'unwatch', roomId)).toMatch(/watched +no/);
    expect(await said('rooms', '--pool', 'default')).toContain(roomId);
    expect(await said('rooms', 'show', roomId)).toMatch(/state +active/);
    expect(await said('rooms', 'close', roomId)).toMatch(/state +ended/);
  });

  it('mutes, bans, lifts and disconnects people', async () => {
    const { first, second } = await pairUp(peer, peer);
    const userId = structured(await peer.call('get_status', { participant_token: first.token }))['user_id'] as string;
    const other = structured(await peer.call('get_status', { participant_token: second.token }))['user_id'] as string;
    const mute = (await json('mute', '--participant', userId, '--for', '2h', '--reason', 'too loud')) as unknown as {
      id: string;
      until: string;
    };
    expect(Date.parse(mute.until)).toBeGreaterThan(Date.now() + 7_000_000);
    expect(await said('participants', 'show', userId)).toMatch(/presence +present\n[^]*mute.*too loud/);
    expect(await said('lift', mute.id)).toBe('Lifted.\n');
    expect(await said('ban', '--participant', userId, '--reason', 'rude')).toMatch(
      /ban +participant .*until it is lifted/,
    );
    expect(await said('sanctions')).toContain('rude');
    expect(await said('participants', 'disconnect', other)).toMatch(/rooms +-\n/);
    expect(await said('participants', 'forget', other)).toBe('Forgotten.\n');
  });

  it('shows cases and resolves them', async () => {
    const { first, second, roomId } = await pairUp(peer, peer);
    await say(peer, second, roomId, 'you fool');
    const user_id = structured(await peer.call('get_status', { participant_token: second.token }))['user_id'];
    const about = { participant_token: first.token, room_id: roomId, user_id, reason: 'insults' };
    await peer.call('report_participant', about);
    const { cases } = (await json('cases', '--state', 'open')) as unknown as { cases: { id: string }[] };
    expect(await said('cases')).toContain(cases[0]!.id);
    expect(await said('cases', 'show', cases[0]!.id)).toMatch(/insults[^]*you fool/);
    expect(await said('cases', 'resolve', cases[0]!.id, '--note', 'talked to them')).toMatch(/state +resolved/);
    expect(await said('cases', '--state', 'open')).toBe('Nothing was reported.\n');
  });

  it('tells how the service is, and what operators did', async () => {
    expect(await said('overview')).toMatch(/^you +admin-token \(parley:moderate, parley:admin\)\n/);
    expect(await said('webhooks')).toBe('There are none.\n');
    expect(await said('instances')).toMatch(/^INSTANCE +STAGE.*\n\S+ +serving/);
    expect(await said('pools', 'pause', 'quiet')).toMatch(/quiet +paused/);
    const audit = await said('audit', '--limit', '1');
    expect(audit).toMatch(
      /^TIME.*\n\S+ +pool\.pause +done +admin-token +quiet +\{"mode":"paused"\}\n\nThere is more: --after \S+\n$/,
    );
    const [, after] = /--after (\S+)/.exec(audit) ?? [];
    expect(await said('audit', '--limit', '1', '--after', after!)).not.toContain('quiet');
  });

  it.each([
    [['nonsense'], /unknown command "nonsense"/],
    [['pools', 'pause'], /POOL is missing after "pools pause"/],
    [['pools', 'pause', 'a', 'b'], /"b" is too much after "pools pause"/],
    [['pools', '--token', 'x'], /Unknown option '--token'/],
    [['ban', '--reason', 'x'], /give --participant or --principal/],
    [
      ['mute', '--participant', 'x', '--reason', 'x', '--for', 'ever'],
      /--for must be a time such as 90s, 30m, 2h or 7d/,
    ],
    [['pools', 'strategy', 'quiet', 'fifo', '--options', '[]'], /--options must be a JSON object/],
    [['pools', '--url', 'ftp://x'], /is not the URL of a service/],
  ])('refuses %j in one line and ends with 2', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^parley admin: .*\nSee parley admin --help\n$/);
  });

  it('says why something was not done, and ends with 1', async () => {
    const there = { PARLEY_URL: service.url.href };
    const cases: readonly [Readonly<Record<string, string>>, string[], RegExp][] = [
      [there, ['pools'], /^parley admin: A token is required\. Set PARLEY_ADMIN_TOKEN\.\n$/],
      [{ ...there, PARLEY_ADMIN_TOKEN: 'wrong' }, ['pools'], /The token is not ADMIN_TOKEN/],
      [{ PARLEY_URL: `http://127.0.0.1:${await freePort()}` }, ['pools'], /cannot be reached: nothing listens there/],
      [
        { ...there, PARLEY_ADMIN_TOKEN: ADMIN_TOKEN },
        ['pools', 'pause', 'nope'],
        /Unknown pool "nope"\. Use one of: default/,
      ],
      [{ PARLEY_URL: `${service.url.origin}/elsewhere` }, ['pools'], /has no API for operators/],
    ];
    for (const [environment, args, message] of cases) {
      const { code, stdout, stderr } = await runWith(environment, ...args);
      expect([args, code, stdout]).toEqual([args, 1, '']);
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain(ADMIN_TOKEN);
    }
  });
});
