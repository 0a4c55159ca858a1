import { expect, it, jest } from '@jest/globals';
import { connectV2 } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { until } from '../support/until.js';
import { PATIENCE_MS } from './person.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

describeWith(CHROMIUM, 'the page with more than one partner', (path) => {
  const stage = useStage(path);

  it('holds several conversations side by side, each with its unread messages and its draft', async () => {
    const { url } = await stage.service();
    const ann = await stage.person(url);
    await ann.joins('books', 'Ann');
    await ann.sees('Nobody else is here yet.');
    await ann.button('New conversation').click();
    await ann.joins('films');
    await ann.composer.fill('half a thought');

    const ben = await stage.client(connectV2(url));
    const { room_id: books } = await ben.join('books', { display_name: 'Ben' });
    await ben.say(books, 'one');
    await ben.say(books, 'two');
    await ann.titleIs('(2) Parley');
    const list = ann.page.getByRole('navigation', { name: 'Conversations' });
    await list.getByRole('button', { name: /books.*2 unread/ }).click();
    await ann.hears('two');
    await ann.sees('New', ann.log);
    await ann.titleIs('Parley');

    await ann.page.keyboard.press('Alt+ArrowUp');
    await ann.page.getByRole('heading', { name: 'films' }).waitFor();
    expect(await ann.composer.inputValue()).toBe('half a thought');
    await ann.page.keyboard.press('Alt+ArrowDown');
    await ann.page.getByRole('heading', { name: 'books' }).waitFor();

    await ann.page.reload();
    await ann.page.getByRole('heading', { name: 'books' }).waitFor();
    await ann.hears('one');
    await list.getByRole('button', { name: /films/ }).waitFor();
    expect(await ann.complaints()).toEqual([]);
  });

  it('counts as unread what comes while one looks elsewhere, until one looks back', async () => {
    const { url } = await stage.service();
    const [ann, ben] = await stage.pair(url);
    await ann.looksAway();
    await ben.says('are you there?');
    await ann.titleIs('(1) Parley');
    await ben.says('hello?');
    await ann.titleIs('(2) Parley');
    await ann.looksBack();
    await ann.titleIs('Parley');
    await ann.sees('New', ann.log);
  });

  it('keeps the place where one reads, loads what is older in front of it and leads back to the end', async () => {
    const { url } = await stage.service({ MESSAGE_RATE_COUNT: '0' });
    const ann = await stage.person(url);
    const ben = await stage.client(connectV2(url));
    const { room_id: room } = await ben.join('long', { display_name: 'Ben' });
    await ann.joins('long', 'Ann');
    for (let i = 1; i <= 120; i++) await ben.say(room, `message ${i}`);
    await ann.page.reload();
    await ann.hears('message 120');

    /** Less than half a line: where one reads has not moved to the eye. */
    const still = 10;
    const top = async () => (await ann.log.getByText('message 71', { exact: true }).boundingBox())!.y;
    await ann.page.evaluate(`document.querySelector('[role=log]').scrollTop = 200`);
    await ann.button(/Latest|new/).waitFor();
    const before = await top();
    await ann.page.evaluate(`document.querySelector('.older').click()`);
    await ann.hears('message 21');
    expect(Math.abs((await top()) - before)).toBeLessThan(still);

    await ben.say(room, 'latest');
    await until('the message', async () => (await ann.times('latest')) === 1, PATIENCE_MS);
    expect(Math.abs((await top()) - before)).toBeLessThan(still);
    await ann.button('1 new').click();
    const fromEnd = `((log) => log.scrollHeight - log.scrollTop - log.clientHeight)(document.querySelector('[role=log]'))`;
    await until('the end', async () => (await ann.page.evaluate<number>(fromEnd)) < 2, PATIENCE_MS);
    expect(await ann.complaints()).toEqual([]);
  });

  it('asks before it blocks or reports, and does it', async () => {
    const { url } = await stage.service();
    const [ann, ben] = await stage.pair(url);
    await ann.chooses('Report …');
    await ann.page.getByLabel('Reason').fill('Rude');
    await ann.button('Report').click();
    await ann.sees('Thank you. Your report was sent.');

    await ann.chooses('Block …');
    await ann.page.keyboard.press('Escape');
    await ann.seesNoMore('Block Ben?');
    expect(await ben.composer.isVisible()).toBe(true);
    await ann.chooses('Block …');
    await ann.button('Block and leave').click();
    await ben.sees('Ann left');

    await ben.button('Find next partner').click();
    await ann.button('Find next partner').click();
    await ann.sees('of 2 waiting');
    await ben.sees('of 2 waiting');
    expect([await ann.complaints(), await ben.complaints()]).toEqual([[], []]);
  });

  it('offers the pools of the server, and a match to accept or decline before its time is up', async () => {
    const pools = [{ name: 'mentors', description: 'Ask somebody', accept_seconds: 60, max_group_size: 3 }];
    const { url } = await stage.service({ POOLS: JSON.stringify(pools) });
    const ann = await stage.person(url);
    await ann.page.getByRole('combobox', { name: 'Meet' }).selectOption('mentors');
    await ann.page.getByText('Meet in a group').click();
    await ann.page.getByRole('combobox', { name: 'How many of you' }).selectOption('2');
    await ann.looks('Ann');
    await ann.sees('mentors');
    const ben = await stage.client(connectV2(url));
    await ben.enter({ display_name: 'Ben', pool: 'mentors', group_size: 2 });
    await ann.sees('Somebody was found');
    await ann.titleIs('(!) Parley');
    await ann.button('Accept').click();
    await ann.sees('Waiting for the others to answer.');
    await ben.ok('respond_to_match', { accept: true });
    await ann.sees('You met Ben');
    expect(await ann.complaints()).toEqual([]);
  });

  it('says in the form what is missing, and what the server refused', async () => {
    const { url } = await stage.service({ DISPLAY_NAME_MAX_CHARACTERS: '5' });
    const ann = await stage.person(url);
    await ann.button('Find a partner').click();
    await ann.sees('Say what others should call you.');
    await ann.looks('Annabelle');
    await ann.sees(/display name .* limit is 5/i);
    await ann.looks('Ann');
    await ann.sees('Looking for a partner');
  });

  it('counts down to the longest message, and sends none that is longer', async () => {
    const { url } = await stage.service({ MESSAGE_MAX_CHARACTERS: '50' });
    const [ann, ben] = await stage.pair(url);
    await ann.composer.fill('x'.repeat(51));
    await ann.sees('1 too many');
    expect(await ann.button('Send').isDisabled()).toBe(true);
    await ann.composer.press('Backspace');
    await ann.sees('0 left');
    await ann.button('Send').click();
    await ben.hears('x'.repeat(50));
  });
});
