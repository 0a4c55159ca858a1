import { describe, expect, it, jest } from '@jest/globals';
import { connectV2, ERAS, type TestClient } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { until } from '../support/until.js';
import { PATIENCE_MS } from './person.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

describeWith(CHROMIUM, 'the page', (path) => {
  const stage = useStage(path);

  it('lets two people find each other, talk, part and find each other again', async () => {
    const { url } = await stage.service();
    const ann = await stage.person(url);
    await ann.looks('Ann', ['music', 'hiking']);
    await ann.sees('You are the only one waiting right now.');
    await ann.sees('Open this page in a second tab');
    await ann.titleIs('Waiting · Parley');

    const ben = await stage.person(url);
    await ben.looks('Ben', ['hiking']);
    await Promise.all([ann.sees('You met Ben'), ben.sees('You met Ann')]);

    await ann.says('Hello Ben');
    await ben.hears('Hello Ben');
    await ann.delivered(1);
    await ben.composer.pressSequentially('I am th');
    await ann.sees('Ben is writing');
    await ben.says('Two\nlines');
    await ann.hears('Two\nlines');
    await ann.seesNoMore('Ben is writing');

    await ann.button('Next').click();
    await ann.button('Next partner').click();
    await ben.sees('Ann left');
    await ben.sees('This conversation has ended.');
    await ann.sees('Looking for a partner');
    await ben.button('Find next partner').click();
    await Promise.all([ann.composer.waitFor(), ben.composer.waitFor()]);
    await ben.says('You again');
    await ann.hears('You again');

    await ben.chooses('Leave');
    await ben.page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    await ben.sees('This conversation has ended.');
    await ann.sees('Ben left');
    expect([await ann.complaints(), await ben.complaints()]).toEqual([[], []]);
  });

  it('is as it was after a reload', async () => {
    const { url } = await stage.service();
    const [ann, ben] = await stage.pair(url);
    await ann.says('before');
    await ben.hears('before');
    await ben.page.reload();
    await ben.hears('before');
    await ann.says('after');
    await ben.hears('after');
    await ben.says('still here');
    await ann.hears('still here');
    expect([await ben.times('before'), await ben.times('after')]).toEqual([1, 1]);
    expect([await ann.complaints(), await ben.complaints()]).toEqual([[], []]);
  });

  it('waits on after a reload', async () => {
    const { url } = await stage.service();
    const ann = await stage.person(url);
    await ann.looks('Ann');
    await ann.sees('Looking for a partner');
    await ann.page.reload();
    await ann.sees('You are the only one waiting right now.');
    await ann.button('Stop waiting').click();
    await ann.button('Find a partner').waitFor();
    expect(await ann.field('Your name').inputValue()).toBe('Ann');
  });

  it('says when the network is gone, and loses nothing and sends nothing twice when it is back', async () => {
    const service = await stage.service();
    const proxy = await stage.network(service);
    const ann = await stage.person(proxy.url);
    const ben = await stage.client(connectV2(service.url));
    await ann.looks('Ann');
    await ann.sees('Looking for a partner');
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await ann.sees('You met Ben');
    await until('the stream', () => proxy.streams === 1, PATIENCE_MS);

    const before = await ann.composer.boundingBox();
    proxy.hold();
    proxy.cut();
    await ann.sees('Connection lost.');
    expect(await ann.composer.boundingBox()).toEqual(before);
    await ann.says('typed while away');
    await ann.sees('Sending', ann.log);
    await ben.say(roomId, 'said meanwhile');

    proxy.release();
    await ann
      .button('Try now')
      .click({ timeout: 2_000 })
      .catch(() => undefined);
    await ann.seesNoMore('Connection lost.');
    await ann.hears('said meanwhile');
    await ann.delivered(1);
    await ben.hearsMessage('typed while away');
    await ann.says('and on');
    await ben.hearsMessage('and on');
    expect(ben.messagesHeard).toEqual(['typed while away', 'and on']);
    expect([await ann.times('typed while away'), await ann.times('said meanwhile')]).toEqual([1, 1]);
    expect(await ann.complaints()).toEqual([]);
  });

  it('says plainly when a restarted server has forgotten everybody, and lets them go on', async () => {
    const first = await stage.service();
    const { url } = first;
    const [ann, ben] = await stage.pair(url);
    await ann.says('remember me');
    await ben.hears('remember me');

    first.kill('SIGKILL');
    await first.exited;
    await Promise.all([ann.sees('Connection lost.'), ben.sees('Connection lost.')]);
    await stage.service({ PORT: url.port });
    for (const person of [ann, ben]) {
      await person.sees(/restarted/, person.log);
      await person.hears('remember me');
    }
    await ann.button('Find next partner').click();
    await ben.button('Find next partner').click();
    await Promise.all([ann.composer.waitFor(), ben.composer.waitFor()]);
    await ann.says('anew');
    await ben.hears('anew');
    expect([await ann.complaints(), await ben.complaints()]).toEqual([[], []]);
  });

  it('puts somebody who waited in the queue again when the server was restarted', async () => {
    const first = await stage.service();
    const { url } = first;
    const ann = await stage.person(url);
    await ann.looks('Ann');
    await ann.sees('Looking for a partner');
    first.kill('SIGKILL');
    await first.exited;
    await ann.sees('Connection lost.');
    await stage.service({ PORT: url.port });
    const ben = await stage.person(url);
    await ben.looks('Ben');
    await ann.sees('You met Ben');
  });

  describe.each(ERAS)('with a partner who speaks $era', ({ connect }) => {
    it('talks in both directions', async () => {
      const { url } = await stage.service();
      const ann = await stage.person(url);
      await ann.looks('Ann');
      await ann.sees('Looking for a partner');
      const ben = await stage.client<TestClient>(connect(url));
      const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
      await ann.sees('You met Ben');
      await ann.says('from the page');
      await ben.hearsMessage('from the page');
      await ben.ok('set_typing', { room_id: roomId });
      await ann.sees('Ben is writing');
      await ben.say(roomId, 'from a client');
      await ann.hears('from a client');
      await ben.ok('leave_chat', { room_id: roomId });
      await ann.sees('Ben left');
      expect(await ann.complaints()).toEqual([]);
    });
  });
});
