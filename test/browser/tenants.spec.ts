import { afterAll, expect, it, jest } from '@jest/globals';
import { describeWith } from '../support/programs.js';
import { tenantsFile } from '../support/tenants.js';
import { ADMIN_TOKEN } from './operator.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

describeWith(CHROMIUM, 'the pages of tenants', (path) => {
  const stage = useStage(path);
  const file = tenantsFile([
    { name: 'acme', variables: { ADMIN_TOKEN } },
    { name: 'globex', variables: { ADMIN_TOKEN: `${ADMIN_TOKEN}-of-globex` } },
  ]);
  afterAll(() => file.remove());

  it('lead people to those of their own tenant, and keep nothing for another one', async () => {
    const { url } = await stage.service({ TENANTS_FILE: file.file });
    const cleo = await stage.person(url, { path: '/t/globex' });
    await cleo.looks('Cleo');
    await cleo.sees('Looking for a partner');
    const [ann, ben] = await Promise.all([
      stage.person(url, { path: '/t/acme/' }),
      stage.person(url, { path: '/t/acme' }),
    ]);
    await ann.looks('Ann');
    await ann.sees('Looking for a partner');
    await ben.looks('Ben');
    await Promise.all([ann.composer.waitFor(), ben.composer.waitFor()]);
    await ann.says('hello at acme');
    await ben.hears('hello at acme');
    await cleo.sees('Looking for a partner');

    await ann.page.goto(new URL('/t/globex/', url).href);
    await ann.looks('Ann');
    await ann.composer.waitFor();
    await ann.says('hello at globex');
    await cleo.hears('hello at globex');
    await ann.page.goto(new URL('/t/acme/', url).href);
    await ann.hears('hello at acme');
    expect([...(await ann.complaints()), ...(await cleo.complaints())]).toEqual([]);
  });

  it('lead operators to their own tenant: the token of another one is nothing there', async () => {
    const { url } = await stage.service({ TENANTS_FILE: file.file });
    const op = await stage.operator(url, { path: '/t/acme/console' });
    await op.tries(ADMIN_TOKEN, true);
    await op.person.button('Sign out').waitFor();
    await op.goesTo('Pools');
    await op.row('default').waitFor();
    expect(await op.person.complaints()).toEqual([]);
    await op.page.goto(new URL('/t/globex/console', url).href);
    await op.tries(ADMIN_TOKEN);
    await op.person.sees('This token is not accepted.');
    await op.page.goto(new URL('/t/acme/console', url).href);
    await op.person.button('Sign out').waitFor();
  });
});
