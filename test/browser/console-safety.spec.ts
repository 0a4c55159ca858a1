import { expect, it, jest } from '@jest/globals';
import { connectV2 } from '../support/clients.js';
import { INJECTIONS, NAME_INJECTIONS, SPRUNG } from '../support/injection-corpus.js';
import { describeWith } from '../support/programs.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

/** The kinds of nodes in what was said. */
const NODES = `[...new Set([...document.querySelectorAll('.transcript-text')].flatMap((text) => [...text.childNodes].map((node) => node.nodeType)))]`;

describeWith(CHROMIUM, 'the console and a participant who means harm', (path) => {
  const stage = useStage(path);

  it('shows messages and reasons as text and nothing but text', async () => {
    const { url } = await stage.serviceWithOperators({
      MESSAGE_RATE_COUNT: '0',
      POOLS: '[{"name":"default","supervision":true}]',
    });
    const [ann, eve] = await Promise.all([stage.client(connectV2(url)), stage.client(connectV2(url))]);
    await ann.enter({ display_name: 'Ann' });
    const { room_id: roomId } = await eve.enter({ display_name: 'Eve' });
    for (const { text } of INJECTIONS) await eve.say(roomId, text);
    const reasons = INJECTIONS.filter(({ text }) => text.length <= 500).slice(0, 20);
    for (const { text } of reasons) {
      await ann.call('report_participant', { room_id: roomId, user_id: eve.userId, reason: text });
    }

    const op = await stage.operator(url, { viewport: { width: 390, height: 844 } });
    await op.signsIn();
    await op.goesTo('Cases');
    await op.row('Eve').getByRole('link').first().click();
    await op.page.locator('.transcript-text').first().waitFor();
    await op.page.evaluate(`location.hash = '#/rooms/${roomId}'`);
    await op.person.button('Read the transcript').click();
    const texts = op.page.locator('.transcript-text');
    await texts.first().waitFor();
    const shown = await texts.allTextContents();
    expect(shown).toEqual(INJECTIONS.slice(-shown.length).map((injection) => injection.shown));
    expect(await op.page.evaluate(NODES)).toEqual([3]);
    expect(await op.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await op.page.evaluate(`globalThis.${SPRUNG}`)).toBeUndefined();
    expect(await op.person.complaints()).toEqual([]);
  });

  it('shows names of people and rooms as text', async () => {
    const { url } = await stage.serviceWithOperators();
    const op = await stage.operator(url, { viewport: { width: 390, height: 844 } });
    await op.signsIn();
    const people = await Promise.all(
      NAME_INJECTIONS.map(async ({ text }) => {
        const client = await stage.client(connectV2(url));
        await client.become('join_room', { room_name: text, display_name: text });
        return client;
      }),
    );
    await op.goesTo('Rooms');
    await op
      .row('named')
      .nth(people.length - 1)
      .waitFor();
    const names = await op.page.locator('td .untrusted').allTextContents();
    const shown = NAME_INJECTIONS.map((injection) => injection.shown);
    expect([...names].sort()).toEqual([...shown, ...shown].sort());
    expect(await op.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    for (const [i, { userId }] of people.entries()) {
      await op.page.evaluate(`location.hash = '#/people/${userId}'`);
      const heading = op.page.getByRole('heading', { level: 1 });
      await op.person.sees(userId);
      expect(await heading.textContent()).toBe(shown[i]);
    }
    expect(await op.page.evaluate(`globalThis.${SPRUNG}`)).toBeUndefined();
    expect(await op.person.complaints()).toEqual([]);
  });
});
