import { expect, it, jest } from '@jest/globals';
import { connectV2 } from '../support/clients.js';
import { INJECTIONS, NAME_INJECTIONS, SPRUNG } from '../support/injection-corpus.js';
import { describeWith } from '../support/programs.js';
import { until } from '../support/until.js';
import { PATIENCE_MS } from './person.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

/** What is in the log besides the page's own elements; and the text of each message. */
const LOOK = `((log) => ({
  elements: [...new Set([...log.querySelectorAll('*')].map((element) => element.localName))].sort(),
  messages: [...log.querySelectorAll('.bubble')].map((bubble) => bubble.textContent),
  nodes: [...log.querySelectorAll('.bubble')].flatMap((bubble) => [...bubble.childNodes].map((node) => node.nodeType)),
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth + log.scrollWidth - log.clientWidth,
}))(document.querySelector('[role=log]'))`;

interface Look {
  readonly elements: readonly string[];
  readonly messages: readonly string[];
  readonly nodes: readonly number[];
  readonly overflow: number;
}

describeWith(CHROMIUM, 'the page and a partner who means harm', (path) => {
  const stage = useStage(path);

  it('shows whatever is written as text and nothing but text, on a phone too', async () => {
    const { url } = await stage.service({ MESSAGE_RATE_COUNT: '0' });
    const ann = await stage.person(url, { viewport: { width: 320, height: 568 } });
    await ann.looks('Ann');
    await ann.sees('Looking for a partner');
    const eve = await stage.client(connectV2(url));
    const { room_id: roomId } = await eve.enter({ display_name: 'Eve' });
    await ann.sees('You met Eve');
    for (const { text } of INJECTIONS) await eve.say(roomId, text);

    const look = () => ann.page.evaluate<Look>(LOOK);
    await until('all messages', async () => (await look()).messages.length === INJECTIONS.length, PATIENCE_MS);
    const seen = await look();
    expect(seen.messages).toEqual(INJECTIONS.map(({ shown }) => shown));
    expect(new Set(seen.nodes)).toEqual(new Set([3]));
    expect(seen.elements).toEqual(['bdi', 'button', 'div', 'li', 'p', 'span', 'time', 'ul']);
    expect(seen.overflow).toBe(0);

    await ann.page.reload();
    await ann.log.waitFor();
    await until('the messages', async () => (await look()).messages.length > 0, PATIENCE_MS);
    const shown = INJECTIONS.map((injection) => injection.shown);
    expect((await look()).messages).toEqual(shown.slice(-(await look()).messages.length));
    expect(await ann.page.evaluate(`globalThis.${SPRUNG}`)).toBeUndefined();
    expect(await ann.complaints()).toEqual([]);
  });

  it('shows names as text', async () => {
    const { url } = await stage.service();
    const ann = await stage.person(url, { viewport: { width: 320, height: 568 } });
    for (const [i, { text, shown }] of NAME_INJECTIONS.entries()) {
      await ann.joins(`room ${i}`, 'Ann');
      const eve = await stage.client(connectV2(url));
      const { room_id: roomId } = await eve.join(`room ${i}`, { display_name: text });
      await eve.say(roomId, 'hello');
      await ann.hears('hello');
      expect(await ann.log.locator('.sender bdi').last().textContent()).toBe(shown);
      const width = await ann.page.evaluate('document.documentElement.scrollWidth');
      expect(width).toBe(320);
      await ann.button('All conversations').click();
      await ann.button('New conversation').click();
    }
    expect(await ann.page.evaluate(`globalThis.${SPRUNG}`)).toBeUndefined();
    expect(await ann.complaints()).toEqual([]);
  });
});
