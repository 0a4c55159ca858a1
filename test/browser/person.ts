import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { until } from '../support/until.js';

/** How long a page on a busy machine may take for anything, in milliseconds. */
export const PATIENCE_MS = 45_000;

/** Written where the page cannot reach it: what a policy forbade. */
const WATCH = `
  window.forbidden = [];
  document.addEventListener('securitypolicyviolation', (event) => window.forbidden.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
`;

export interface PersonOptions {
  /** Which page; the chat page by default. */
  readonly path?: string;
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Somebody at a page, in a browser session of their own. Does and sees what a person can. */
export class Person {
  /** What the browser complained of, and what the page asked of anybody but its server. */
  readonly troubles: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async at(browser: Browser, url: URL, { path = '/', ...options }: PersonOptions = {}): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript({ content: WATCH });
    const person = new Person(context, await context.newPage());
    person.#watch(url);
    await person.page.goto(new URL(path, url).href);
    return person;
  }

  #watch({ origin }: URL): void {
    this.page.on('pageerror', (error) => this.troubles.push(`error: ${error.message}`));
    this.page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.troubles.push(`${message.type()}: ${message.text()}`);
    });
    this.page.on('dialog', (dialog) => {
      this.troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    this.context.on('page', () => this.troubles.push('another page was opened'));
    this.page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin) this.troubles.push(`request: ${url.href}`);
    });
  }

  /** All troubles but those of a network that a test has cut. */
  async complaints(): Promise<readonly string[]> {
    const forbidden = await this.page.evaluate<string[]>('window.forbidden');
    return [...this.troubles, ...forbidden].filter((text) => !/Failed to load resource: net::/.test(text));
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  field(label: string | RegExp): Locator {
    return this.page.getByLabel(label);
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to/ });
  }

  /** The text of the open conversation. */
  get log(): Locator {
    return this.page.getByRole('log');
  }

  /** Waits until the text is to be seen. */
  async sees(text: string | RegExp, within: Locator | Page = this.page): Promise<void> {
    await within.getByText(text).filter({ visible: true }).first().waitFor();
  }

  async seesNoMore(text: string | RegExp, within: Locator | Page = this.page): Promise<void> {
    await until(`${String(text)} to go`, async () => (await within.getByText(text).count()) === 0, PATIENCE_MS);
  }

  async isCalled(name: string): Promise<void> {
    await this.field('Your name').fill(name);
  }

  /** Enters the queue. */
  async looks(name: string, interests: readonly string[] = []): Promise<void> {
    await this.isCalled(name);
    for (const interest of interests) {
      await this.field(/^Interests/).fill(interest);
      await this.field(/^Interests/).press('Enter');
    }
    await this.button('Find a partner').click();
  }

  async joins(room: string, name?: string): Promise<void> {
    if (name !== undefined) await this.isCalled(name);
    await this.field('Or meet in a room by name').fill(room);
    await this.button('Join').click();
    await this.page.getByRole('heading', { name: room }).waitFor();
  }

  async says(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Waits for a message in the open conversation. */
  async hears(text: string): Promise<void> {
    await this.sees(text, this.log);
  }

  /** How often a message stands in the open conversation. */
  times(text: string): Promise<number> {
    return this.log.getByText(text, { exact: true }).count();
  }

  async delivered(count: number): Promise<void> {
    await until(
      `${count} delivered groups`,
      async () => (await this.log.getByText('Delivered').count()) === count,
      PATIENCE_MS,
    );
  }

  async chooses(item: string): Promise<void> {
    await this.button('More').click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** Does as if the window were behind others. */
  async looksAway(): Promise<void> {
    await this.page.evaluate(`document.hasFocus = () => false; window.dispatchEvent(new Event('blur'))`);
  }

  async looksBack(): Promise<void> {
    await this.page.evaluate(`delete document.hasFocus; window.dispatchEvent(new Event('focus'))`);
  }

  async titleIs(title: string): Promise<void> {
    await until(`the title ${title}`, async () => (await this.page.title()) === title, PATIENCE_MS);
  }
}

/** Opens a browser without a sandbox, which containers often cannot give. */
export const openBrowser = (executablePath: string) =>
  chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
