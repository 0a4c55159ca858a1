import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectV2 } from '../support/clients.js';
import { useParley } from '../support/parley.js';
import { until } from '../support/until.js';
import { ServiceProcess } from './service.js';

const RULES = 'examples/moderation/rules.json';

describe('the examples of docs/moderation.md', () => {
  const parley = useParley();
  let judge: ServiceProcess | undefined;
  afterEach(() => {
    judge?.child.kill('SIGKILL');
  });

  it('show the rules as they are, which do what they say', async () => {
    expect(readFileSync('docs/moderation.md', 'utf8')).toContain(`\`\`\`json\n${readFileSync(RULES, 'utf8')}\`\`\``);
    await parley.start({ environment: { MODERATION_RULES_FILE: RULES } });
    const { ann, ben, roomId } = await parley.pair(connectV2);
    await ann.say(roomId, 'Go, AWAY! 你滚吧');
    await ben.hearsMessage('*** ****! 你*吧');
    expect(await ann.refused('send_message', { room_id: roomId, message: '4111-1111 11111111' })).toMatchObject({
      error: 'This message is not allowed here: it looks like the number of a payment card',
    });
    await ann.say(roomId, 'Will you meet me alone?');
  });

  it('run a service that judges', async () => {
    const MODERATION_SECRET = `whsec_${randomBytes(32).toString('base64')}`;
    judge = ServiceProcess.run({ MODERATION_SECRET }, 'examples/moderation/service.mjs', '0');
    const MODERATION_URL = await until('the service', () => /at (\S+)/.exec(judge!.stdout)?.[1]);
    await parley.start({
      environment: {
        MODERATION_URL,
        MODERATION_SECRET,
        MODERATION_ON_FAILURE: 'closed',
        MODERATION_TIMEOUT_MS: 10_000,
      },
    });
    const { ann, ben, roomId } = await parley.pair(connectV2);
    expect(await ann.say(roomId, 'mail me: ann@example.org')).toMatchObject({ masked: true });
    await ben.hearsMessage('mail me: [an address]');
    expect(await ann.refused('enter_queue', { display_name: 'The Admin' })).toMatchObject({
      error: 'This display_name is not allowed here: only admins are called so',
    });
    expect((await fetch(MODERATION_URL, { method: 'POST', body: '{"kind":"message","text":"hi"}' })).status).toBe(401);
  });
});
