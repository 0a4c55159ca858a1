/**
 * Takes the pictures of the chat page in docs/images/web/ from the built service, in Chromium:
 *
 *     npm run screenshots
 *
 * CHROMIUM names the browser's executable; by default it is looked for in the usual places.
 */
import { openBrowser, picturesOf, startService } from './studio.mjs';

const folder = picturesOf('web');

const SIZES = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 800 } },
};
const CONVERSATION = [
  ['ben', 'Hi Mara! I see we both like hiking.'],
  ['ben', 'Where do you usually go?'],
  ['mara', 'Mostly the hills behind the town. There is a loop of about three hours with a view over the whole valley.'],
  ['mara', 'And you?'],
  ['ben', 'The coast. It is flat, but the wind makes up for it.'],
  ['mara', 'I have never walked there in winter. Is it worth it?'],
];

async function open(browser, url, options) {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function look(page, name, interests) {
  await page.getByLabel('Your name').fill(name);
  for (const interest of interests) {
    await page.getByLabel(/^Interests/).fill(interest);
    await page.getByLabel(/^Interests/).press('Enter');
  }
}

async function say(page, text) {
  await page.getByRole('textbox', { name: /^Message to/ }).fill(text);
  await page.keyboard.press('Enter');
}

async function enterRoom(page, room) {
  await page.getByLabel('Or meet in a room by name').fill(room);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: room }).waitFor();
}

/** The story of one conversation, with a picture of each state. */
async function tell(browser, size, colorScheme) {
  const { url, end } = await startService({ MATCHING_STRATEGY: 'affinity' });
  try {
    const options = { ...SIZES[size], colorScheme };
    const mara = await open(browser, url, options);
    const shoot = (state) => mara.screenshot({ path: `${folder}/page-${state}-${size}-${colorScheme}.png` });

    await look(mara, 'Mara', ['hiking', 'music']);
    await shoot('welcome');
    await mara.getByRole('button', { name: 'Find a partner' }).click();
    await mara.getByRole('heading', { name: 'Looking for a partner' }).waitFor();
    await shoot('waiting');

    const ben = await open(browser, url, options);
    await look(ben, 'Ben', ['hiking', 'cooking']);
    await ben.getByRole('button', { name: 'Find a partner' }).click();
    await mara.getByRole('heading', { name: 'Ben' }).waitFor();
    for (const [who, text] of CONVERSATION) {
      await say({ mara, ben }[who], text);
      for (const page of [mara, ben]) await page.getByRole('log').getByText(text).waitFor();
    }
    await besides(browser, url, mara);
    await ben.getByRole('textbox', { name: /^Message to/ }).pressSequentially('Oh ye');
    await mara.getByText('Ben is writing').waitFor();
    await shoot('conversation');

    end();
    await mara.getByText('Connection lost.').waitFor();
    await say(mara, 'Hello? I am still here.');
    await mara.getByRole('log').getByText('still here').waitFor();
    await shoot('reconnecting');
  } finally {
    end();
    await Promise.all(browser.contexts().map((context) => context.close()));
  }
}

/** A second conversation, in a room by name, where somebody writes while one looks at the first. */
async function besides(browser, url, mara) {
  const switcher = mara.getByRole('button', { name: 'All conversations' });
  const isNarrow = await switcher.isVisible();
  if (isNarrow) await switcher.click();
  await mara.getByRole('button', { name: 'New conversation' }).click();
  await enterRoom(mara, 'book club');
  if (isNarrow) await switcher.click();
  await mara.getByRole('navigation').getByRole('button', { name: /Ben/ }).click();
  const cleo = await open(browser, url, SIZES.desktop);
  await cleo.getByLabel('Your name').fill('Cleo');
  await enterRoom(cleo, 'book club');
  await say(cleo, 'Chapter four is the turning point!');
  await mara.getByText('1 unread').or(mara.locator('.back .badge')).first().waitFor({ state: 'attached' });
}

const browser = await openBrowser();
try {
  for (const size of Object.keys(SIZES)) {
    for (const scheme of ['light', 'dark']) await tell(browser, size, scheme);
  }
} finally {
  await browser.close();
}
