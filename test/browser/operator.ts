import type { Browser, Locator } from 'playwright-core';
import { Person, type PersonOptions } from './person.js';

/** Opens the operator API of services in these tests. */
export const ADMIN_TOKEN = 'a-token-for-operators-in-the-tests-of-a-browser';

export const SECTIONS = ['Overview', 'Pools', 'Rooms', 'People', 'Cases', 'Sanctions', 'Instances', 'Audit'] as const;
export type SectionName = (typeof SECTIONS)[number];

/** Somebody at the console. */
export class Operator {
  private constructor(readonly person: Person) {}

  static async at(browser: Browser, url: URL, options: PersonOptions = {}): Promise<Operator> {
    return new Operator(await Person.at(browser, url, { path: '/console', ...options }));
  }

  get page() {
    return this.person.page;
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** What was done last, as it is told. */
  get said(): Locator {
    return this.page.locator('.said');
  }

  async signsIn(token = ADMIN_TOKEN): Promise<void> {
    await this.tries(token);
    await this.person.button('Sign out').waitFor();
  }

  async tries(token: string, stay = false): Promise<void> {
    await this.person.field('Token').fill(token);
    if (stay) await this.person.field('Stay signed in until this tab is closed').check();
    await this.person.button('Sign in').click();
  }

  /** The places that are offered. */
  async sections(): Promise<readonly string[]> {
    return this.page.getByRole('navigation', { name: 'Sections' }).getByRole('link').allInnerTexts();
  }

  async goesTo(section: SectionName): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: section }).click();
    await this.page.getByRole('heading', { level: 1, name: section }).waitFor();
  }

  /** The row of a table that holds a text. */
  row(text: string | RegExp): Locator {
    return this.page.getByRole('row').filter({ hasText: text });
  }

  /** Presses a button and confirms what it asks. @param fill fills in what is to be said */
  async does(button: Locator, action: string, told: string, fill?: (dialog: Locator) => Promise<void>): Promise<void> {
    await button.click();
    await fill?.(this.dialog);
    await this.dialog.getByRole('button', { name: action, exact: true }).click();
    await this.said.filter({ hasText: told }).waitFor();
    await this.dialog.waitFor({ state: 'detached' });
  }
}
