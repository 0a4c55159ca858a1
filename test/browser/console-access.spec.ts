import { describe, expect, it, jest } from '@jest/globals';
import { connectV2 } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { until } from '../support/until.js';
import { findings } from './accessibility.js';
import { SECTIONS } from './operator.js';
import { PATIENCE_MS } from './person.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

describeWith(CHROMIUM, 'the console for everybody', (path) => {
  const stage = useStage(path);

  describe.each([
    { colorScheme: 'light', viewport: { width: 1360, height: 900 } },
    { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  ] as const)('in $colorScheme, $viewport.width wide', (options) => {
    it('has no serious accessibility findings on any page, and nothing that sticks out', async () => {
      const { url } = await stage.serviceWithOperators();
      const [ann, ben] = await Promise.all([stage.client(connectV2(url)), stage.client(connectV2(url))]);
      await ann.enter({ display_name: 'Ann' });
      const { room_id: roomId } = await ben.enter({ display_name: 'Ben' });
      await ben.say(roomId, 'Hello');
      await ann.ok('report_participant', { room_id: roomId, user_id: ben.userId, reason: 'Because' });
      const cleo = await stage.client(connectV2(url));
      await cleo.enter({ display_name: 'Cleo' });

      const op = await stage.operator(url, options);
      const found: Record<string, readonly string[]> = {};
      const scan = async (state: string) => {
        const width = await op.page.evaluate<number>('document.documentElement.scrollWidth');
        found[state] = [
          ...(await findings(op.person)),
          ...(width > options.viewport.width ? [`${width} pixels wide`] : []),
        ];
      };
      await scan('signed out');
      await op.tries('wrong');
      await op.person.sees('This token is not accepted.');
      await scan('refused');
      await op.signsIn();
      const chart = op.page.getByRole('region', { name: 'Messages per minute', exact: true });
      await chart.getByRole('slider').waitFor();
      await op.person.button('Table of Delivery lag').click();
      for (const section of SECTIONS) {
        await op.goesTo(section);
        await until('the page to load', async () => (await op.page.locator('.loading').count()) === 0, PATIENCE_MS);
        await scan(section);
      }
      await op.goesTo('Cases');
      await op.row('Ben').getByRole('link').first().click();
      await op.person.sees('Because');
      await scan('a case');
      await op.person.button('Ban').click();
      await scan('a dialog');
      await op.page.keyboard.press('Escape');
      await op.page.evaluate(`location.hash = '#/people/${ben.userId}'`);
      await op.person.sees(ben.userId);
      await scan('a person');
      await op.page.evaluate(`location.hash = '#/rooms/${roomId}'`);
      await op.person.button('Read the transcript').click();
      await op.page.locator('.transcript-text').waitFor();
      await scan('a room');
      await op.page.evaluate(`location.hash = '#/pools/default'`);
      await op.row('Cleo').waitFor();
      await scan('a pool');
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((state) => [state, []])));
    });
  });

  it('lets a chart be read by keyboard, and leads the focus to what was opened', async () => {
    const { url } = await stage.serviceWithOperators();
    const op = await stage.operator(url);
    await op.signsIn();
    const chart = op.page.getByRole('region', { name: 'Open streams and waits', exact: true });
    const slider = chart.getByRole('slider');
    const moments = async () => Number(await slider.getAttribute('max'));
    await until('two moments', async () => (await slider.count()) > 0 && (await moments()) > 0, PATIENCE_MS);
    await slider.focus();
    await op.page.keyboard.press('Home');
    const first = await slider.getAttribute('aria-valuetext');
    expect(first).toMatch(/^\d\d:\d\d:\d\d: Streams 0, Long polls 0, Sessions 0$/);
    await op.page.keyboard.press('ArrowRight');
    expect(await slider.getAttribute('aria-valuetext')).not.toBe(first);

    await op.page.getByRole('link', { name: 'Pools' }).focus();
    await op.page.keyboard.press('Enter');
    await op.page.getByRole('heading', { level: 1, name: 'Pools' }).waitFor();
    const focused = () => op.page.evaluate<string>('document.activeElement.textContent');
    await until('the focus', async () => (await focused()) === 'Pools', PATIENCE_MS);
    expect(await op.page.evaluate('document.activeElement.localName')).toBe('h1');
  });
});
