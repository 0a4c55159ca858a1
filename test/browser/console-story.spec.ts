import { expect, it, jest } from '@jest/globals';
import { connectV1, connectV2, type TestClient } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { until } from '../support/until.js';
import { PATIENCE_MS } from './person.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

const WATCHED = '[{"name":"default","supervision":true},{"name":"mentors"}]';

describeWith(CHROMIUM, 'the console', (path) => {
  const stage = useStage(path);

  /** Ann and Ben, who met in the queue. */
  const pair = async (url: URL): Promise<[ann: TestClient, ben: TestClient, roomId: string]> => {
    const [ann, ben] = await Promise.all([stage.client(connectV1(url)), stage.client(connectV2(url))]);
    await ann.enter({ display_name: 'Ann' });
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await ann.hears('chatroom.found');
    return [ann, ben, roomId];
  };

  it('draws what goes on while people meet and talk', async () => {
    const { url } = await stage.serviceWithOperators();
    const op = await stage.operator(url);
    await op.signsIn();
    const [ann, ben, roomId] = await pair(url);
    const talk = setInterval(() => void ann.say(roomId, 'Hello Ben').catch(() => undefined), 400);
    try {
      const chart = (title: string) => op.page.getByRole('region', { name: title, exact: true });
      await op.person.sees('Matched');
      for (const title of ['Messages per minute', 'Wait until a match', 'Delivery lag', 'Open streams and waits']) {
        await until(
          `something drawn in ${title}`,
          async () => ((await chart(title).locator('path.line').first().getAttribute('d')) ?? '').startsWith('M'),
          PATIENCE_MS,
        );
      }
      const messages = op.page.locator('.tile').filter({ hasText: 'Messages / min' }).locator('dd').first();
      await until('messages to be counted', async () => Number(await messages.innerText()) > 0, PATIENCE_MS);
      await op.page.locator('.tile').filter({ hasText: 'Active rooms' }).getByText('1', { exact: true }).waitFor();

      await op.person.button('Table of Messages per minute').click();
      const numbers = chart('Messages per minute').getByRole('table');
      expect(await numbers.getByRole('row').count()).toBeGreaterThan(1);
      await ben.hearsMessage('Hello Ben');
      expect(await op.person.complaints()).toEqual([]);
    } finally {
      clearInterval(talk);
    }
  });

  it('pauses a pool, in which nobody is matched until it is resumed', async () => {
    const { url } = await stage.serviceWithOperators();
    const op = await stage.operator(url);
    await op.signsIn();
    await op.goesTo('Pools');
    await op.does(op.person.button('Pause default'), 'Pause', '“default” is paused.', async (dialog) => {
      await dialog.getByText('nobody is matched until you resume it').waitFor();
    });
    await op.row('default').getByText('Paused').waitFor();

    const [ann, ben] = await Promise.all([stage.client(connectV1(url)), stage.client(connectV2(url))]);
    expect((await ann.enter({ display_name: 'Ann' })).status).toBe('waiting');
    expect((await ben.enter({ display_name: 'Ben' })).status).toBe('waiting');
    await op.row('default').getByRole('cell', { name: '2', exact: true }).waitFor();
    expect(ann.all('chatroom.found')).toEqual([]);

    await op.does(op.person.button('Resume default'), 'Resume', '“default” is open again.');
    await Promise.all([ann.hears('chatroom.found'), ben.hears('chatroom.found')]);
    await op.goesTo('Audit');
    await op.row('pool resume').or(op.row('pool open')).first().waitFor();
    expect(await op.person.complaints()).toEqual([]);
  });

  it('switches a strategy, and says why one cannot be', async () => {
    const { url } = await stage.serviceWithOperators();
    const op = await stage.operator(url);
    await op.signsIn();
    await op.goesTo('Pools');
    await op.page.getByRole('link', { name: 'default' }).click();
    await op.person.button('Switch strategy').click();
    const strategy = op.dialog.getByLabel('Strategy');
    await strategy.fill('no-such-package');
    await op.dialog.getByRole('button', { name: 'Switch' }).click();
    await op.dialog.getByRole('alert').filter({ hasText: 'no-such-package' }).waitFor();
    await strategy.fill('priority');
    await op.dialog.getByLabel('Options').fill('{"aging_seconds"');
    await op.dialog.getByRole('button', { name: 'Switch' }).click();
    await op.dialog.getByRole('alert').filter({ hasText: 'not a JSON object' }).waitFor();
    await op.dialog.getByLabel('Options').fill('{}');
    await op.dialog.getByRole('button', { name: 'Switch' }).click();
    await op.person.sees('priority, chosen by an operator');
  });

  it('takes a ticket out of a queue, and moves another', async () => {
    const { url } = await stage.serviceWithOperators({ POOLS: WATCHED });
    const ann = await stage.client(connectV1(url));
    await ann.enter({ display_name: 'Ann' });
    const op = await stage.operator(url);
    await op.signsIn();
    await op.goesTo('Pools');
    await op.page.getByRole('link', { name: 'default' }).click();
    await op.does(
      op.row('Ann').getByRole('button', { name: /^Move/ }),
      'Move',
      'waits in “mentors”',
      async (dialog) => {
        await dialog.getByLabel('Pool').selectOption('mentors');
      },
    );
    await op.person.sees('Nobody waits here');
    await ann.hears('queue.moved');
    await op.page.getByRole('link', { name: 'Pools', exact: true }).first().click();
    await op.page.getByRole('link', { name: 'mentors' }).click();
    await op.does(op.row('Ann').getByRole('button', { name: /^Take out/ }), 'Take out', 'out of the queue');
    expect((await ann.hears('queue.expired')).params).toMatchObject({ reason: 'removed' });
  });

  it('reads along in a room whose members know, and closes it', async () => {
    const { url } = await stage.serviceWithOperators({ POOLS: WATCHED });
    const [ann, ben, roomId] = await pair(url);
    await ann.say(roomId, 'Hello Ben');
    const op = await stage.operator(url);
    await op.signsIn();
    await op.goesTo('Rooms');
    await op.row('Ann').getByRole('link').first().click();
    await op.person.button('Read the transcript').click();
    await op.person.sees('What is said in this room is not for operators');
    await op.does(op.person.button('Watch'), 'Watch', 'its members have been told');
    expect((await ben.hears('room.supervised')).params).toMatchObject({ room_id: roomId, supervised: true });
    await op.person.sees('Watched: its members know');
    await op.person.button('Read the transcript').click();
    await op.person.sees('Hello Ben');
    await op.does(op.person.button('Close room'), 'Close room', 'The room is closed.');
    expect((await ann.hears('room.closed')).params).toMatchObject({ reason: 'closed_by_operator' });
    await op.person.sees('Ended');
  });

  it('resolves a case, and bans whom it is about until the ban is lifted', async () => {
    const { url } = await stage.serviceWithOperators();
    const [ann, ben, roomId] = await pair(url);
    await ben.say(roomId, 'Give me your password');
    await ann.ok('report_participant', { room_id: roomId, user_id: ben.userId, reason: 'He wants my password' });
    const op = await stage.operator(url);
    await op.signsIn();
    await op.page.getByRole('link', { name: /Cases/ }).getByText('1').waitFor();
    await op.goesTo('Cases');
    await op.row('Ben').getByRole('link').first().click();
    await op.person.sees('He wants my password');
    await op.person.sees('Give me your password');

    await op.does(op.person.button('Ban'), 'Ban', 'They are banned.', async (dialog) => {
      await dialog.getByLabel('For how long').selectOption('7 days');
      await dialog.getByLabel('Reason').fill('Asks for passwords');
    });
    expect((await ann.hears('partner.disconnected')).params).toMatchObject({ reason: 'removed' });
    expect(await ben.refused('enter_queue', {})).toMatchObject({ code: 'banned' });

    await op.does(op.person.button('Resolve'), 'Resolve', 'The case is resolved.', async (dialog) => {
      await dialog.getByLabel('What was made of it').fill('Banned for a week.');
    });
    await op.person.sees('Banned for a week.');
    await op.goesTo('Cases');
    await op.person.sees('No open cases');
    await op.person.button('Resolved').click();
    await op.row('Ben').waitFor();

    await op.goesTo('Sanctions');
    await op.row('Asks for passwords').getByText('for another 6 d 23 h').or(op.row('7 d')).first().waitFor();
    await op.does(op.row('Asks for passwords').getByRole('button', { name: /^Lift/ }), 'Lift', 'The ban is lifted.');
    await op.person.sees('Nobody is banned or muted');
    expect((await ben.ok('enter_queue', {})).status).toBe('waiting');
    expect(await op.person.complaints()).toEqual([]);
  });

  it('finds people by id, and disconnects one', async () => {
    const { url } = await stage.serviceWithOperators();
    const [ann, ben] = await pair(url);
    const op = await stage.operator(url);
    await op.signsIn();
    await op.goesTo('People');
    await op.person.field('Participant id').fill('nobody');
    await op.person.button('Look up').click();
    await op.person.sees('Participant not found');
    await op.goesTo('People');
    await op.person.field('Participant id').fill(ben.userId);
    await op.person.button('Look up').click();
    await op.page.getByRole('heading', { name: 'Ben' }).waitFor();
    await op.does(op.person.button('Disconnect'), 'Disconnect', 'out of all queues and rooms');
    expect((await ann.hears('partner.disconnected')).params).toMatchObject({ reason: 'removed' });
  });

  it('drains an instance, which then says so', async () => {
    const service = await stage.serviceWithOperators({ DRAIN_SECONDS: '0' });
    const op = await stage.operator(service.url);
    await op.signsIn();
    await op.goesTo('Instances');
    await op.does(op.person.button(/^Drain/), 'Drain', 'The instance is draining.');
    await op.row('this one').getByText('Drained').waitFor();
    expect((await fetch(new URL('/health/ready', service.url))).status).toBe(503);
  });
});
