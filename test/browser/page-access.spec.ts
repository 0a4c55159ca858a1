import { describe, expect, it, jest } from '@jest/globals';
import { connectV2 } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { findings } from './accessibility.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

describeWith(CHROMIUM, 'the page for everybody', (path) => {
  const stage = useStage(path);

  describe.each([
    { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
    { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  ] as const)('in $colorScheme, $viewport.width wide', (options) => {
    it('has no serious accessibility findings in any state', async () => {
      const service = await stage.service({
        POOLS: '[{"name":"mentors","accept_seconds":60}]',
        MESSAGE_MAX_CHARACTERS: '100',
      });
      const proxy = await stage.network(service);
      const ann = await stage.person(proxy.url, options);
      const found: Record<string, readonly string[]> = {};
      const scan = async (state: string) => (found[state] = await findings(ann));

      await ann.button('Find a partner').click();
      await ann.sees('Say what others should call you.');
      await scan('form');
      await ann.looks('Ann', ['music']);
      await ann.sees('Looking for a partner');
      await scan('waiting');
      const ben = await stage.client(connectV2(service.url));
      const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
      await ann.sees('You met Ben');
      await scan('nothing said yet');
      await ann.says('hello');
      await ann.delivered(1);
      await ben.say(roomId, 'hello Ann');
      await ann.hears('hello Ann');
      await ben.ok('set_typing', { room_id: roomId });
      await ann.sees('Ben is writing');
      await ann.composer.fill('x'.repeat(101));
      await scan('conversation');
      await ann.composer.fill('');
      await ann.button('More').click();
      await scan('menu');
      await ann.page.keyboard.press('Escape');
      await ann.chooses('Report …');
      await scan('dialog');
      await ann.page.keyboard.press('Escape');
      proxy.hold();
      proxy.cut();
      await ann.sees('Connection lost.');
      await ann.says('while away');
      await ann.sees('Sending', ann.log);
      await scan('reconnecting');
      proxy.release();
      await ann.seesNoMore('Connection lost.');
      await ben.ok('leave_chat', { room_id: roomId });
      await ann.sees('This conversation has ended.');
      await scan('ended');
      if (options.viewport.width < 768) {
        await ann.button('All conversations').click();
        await scan('list');
      }
      await ann.button('New conversation').click();
      await scan('form beside conversations');
      await ann.page.getByRole('combobox', { name: 'Meet' }).selectOption('mentors');
      await ann.button('Find a partner').click();
      await ann.sees('mentors');
      await ben.enter({ pool: 'mentors' });
      await ann.sees('Somebody was found');
      await scan('offer');
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((state) => [state, []])));
      expect(await ann.complaints()).toEqual([]);
    });
  });

  it('can be used by keyboard alone from the first to the last', async () => {
    const { url } = await stage.service();
    const ann = await stage.person(url);
    const { keyboard } = ann.page;
    await ann.button('Find a partner').waitFor();
    await keyboard.press('Tab');
    await keyboard.type('Ann');
    await keyboard.press('Tab');
    await keyboard.type('music');
    await keyboard.press('Enter');
    await keyboard.press('Enter');
    await ann.sees('Looking for a partner');
    const ben = await stage.client(connectV2(url));
    const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
    await ann.composer.waitFor();
    await keyboard.type('Two');
    await keyboard.press('Shift+Enter');
    await keyboard.type('lines');
    await keyboard.press('Enter');
    await ben.hearsMessage('Two\nlines');
    await ben.say(roomId, 'heard');
    await ann.hears('heard');

    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Enter');
    await ann.page.getByRole('menu').waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowUp');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await ann.page.getByRole('dialog', { name: 'Leave?' }).waitFor();
    await keyboard.press('Escape');
    await ann.seesNoMore('Leave?');
    await keyboard.press('Enter');
    await ann.page.getByRole('menu').waitFor();
    await keyboard.press('Enter');
    await ann.page.getByRole('dialog', { name: 'Meet somebody else?' }).waitFor();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await ann.sees('Looking for a partner');
    await ben.hears('partner.disconnected');
  });
});
