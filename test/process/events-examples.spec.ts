import { afterEach, describe, expect, it } from '@jest/globals';
import { connectV2 } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

describe('the examples of docs/events.md', () => {
  const parley = useParley();
  let program: ServiceProcess | undefined;

  afterEach(() => {
    program?.child.kill('SIGKILL');
  });

  const run = (script: string, ...args: string[]) =>
    (program = ServiceProcess.run({}, `examples/events/${script}`, ...args));
  const says = (text: string) => until(`“${text}”`, () => program!.stdout.includes(text));

  it.each([
    ['events/stream', []],
    ['events/poll', ['--poll']],
  ])('follow a chat by %s to its end', async (_, flags) => {
    await parley.start({ environment: { EVENTS_POLL_SECONDS: 1 } });
    const example = run('follow.mjs', 'Ann', parley.server.url.href, ...flags);
    const ben = await parley.client(connectV2);
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben', wait_seconds: 15 });
    await ben.say(roomId, 'hello Ann');
    await says('Ben: hello Ann');
    await ben.ok('leave_chat', { room_id: roomId });
    expect(await example.exited).toBe(0);
    expect(example.stdout).toMatch(/^\* Ben is here \([\w-]+\)\nBen: hello Ann\n\* The chat is over\n$/);
    expect(example.stderr).toBe('');
  });

  it('receive messages of a chat by webhook with the AI SDK', async () => {
    await parley.start({ environment: { WEBHOOKS_WITHOUT_AUTH: 'true', WEBHOOKS_ALLOW_LOOPBACK: 'true' } });
    const example = run('webhook.mjs', 'Ann', parley.server.url.href);
    await says('* Subscribed as sub_');
    const ben = await parley.client(connectV2);
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await ben.say(roomId, 'hello Ann');
    await says('Ben: hello Ann');
    example.child.kill('SIGINT');
    expect(await example.exited).toBe(0);
    expect(example.stdout).toContain('* Unsubscribed');
    expect(example.stderr.replace(/^.*(ExperimentalWarning|--trace-warnings).*\n/gm, '')).toBe('');
  });
});
