import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Authority } from '../support/authority.js';
import { connectV2 } from '../support/clients.js';
import { describeWith } from '../support/programs.js';
import { ADMIN_TOKEN, SECTIONS } from './operator.js';
import { CHROMIUM, useStage } from './stage.js';

jest.setTimeout(240_000);

describeWith(CHROMIUM, 'coming into the console', (path) => {
  const stage = useStage(path);
  let authority: Authority;
  beforeAll(async () => {
    authority = await Authority.start();
  });
  afterAll(() => authority.close());

  it('takes the right token, and keeps it no longer than the person wants', async () => {
    const { url } = await stage.serviceWithOperators();
    const op = await stage.operator(url);
    await op.tries('wrong');
    await op.person.sees('This token is not accepted.');
    await op.signsIn();
    expect(await op.sections()).toEqual(SECTIONS);
    await op.page.reload();
    await op.person.field('Token').waitFor();
    await op.tries(ADMIN_TOKEN, true);
    await op.person.button('Sign out').waitFor();
    expect(op.page.url()).not.toContain(ADMIN_TOKEN);
    await op.page.reload();
    await op.person.button('Sign out').click();
    await op.person.field('Token').waitFor();
    await op.page.reload();
    await op.person.field('Token').waitFor();
    expect(
      await op.page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])'),
    ).toBe('[{},{},""]');
  });

  it('says what to set where nobody is an operator', async () => {
    const { url } = await stage.service();
    const op = await stage.operator(url);
    await op.tries('whatever');
    await op.person.sees(/set ADMIN_TOKEN to a secret of at least 32 characters/);
  });

  it('shows a moderator what moderators do, and nothing else', async () => {
    const { url } = await stage.service(authority.jwt);
    const bearer = async (sub: string, scope: string) => authority.token(sub, { scope });
    const talker = await stage.client(connectV2(url, { bearer: await bearer('ann', 'parley:chat') }));
    const { room_id: roomId } = await talker.join('book club', { display_name: 'Ann' });

    const op = await stage.operator(url);
    await op.tries(await bearer('ann', 'parley:chat'));
    await op.person.field('Token').waitFor();
    await op.page.getByRole('alert').waitFor();
    await op.signsIn(await bearer('mo', 'parley:moderate'));
    expect(await op.sections()).toEqual(['Cases', 'People', 'Rooms', 'Sanctions']);
    await op.person.sees('mo');
    await op.page.evaluate(`location.hash = '#/audit'`);
    await op.page.getByRole('heading', { level: 1, name: 'Cases' }).waitFor();
    await op.page.evaluate(`location.hash = '#/rooms/${roomId}'`);
    await op.person.button('Watch').waitFor();
    expect(await op.person.button('Close room').count()).toBe(0);

    const admin = await stage.operator(url);
    await admin.signsIn(await bearer('ada', 'parley:admin'));
    expect(await admin.sections()).toEqual(SECTIONS);
  });

  it('asks for a token again once it is no longer accepted', async () => {
    const { url } = await stage.serviceWithOperators();
    const op = await stage.operator(url);
    await op.tries(ADMIN_TOKEN, true);
    await op.person.button('Sign out').waitFor();
    await op.page.route('**/admin/**', (route) => route.fulfill({ status: 401, json: { error: 'Expired' } }));
    await op.page.evaluate(`location.hash = '#/pools'`);
    await op.person.sees('The token is no longer accepted. Sign in again.');
    expect(await op.page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('says when what it shows is stale, and goes on by itself', async () => {
    const service = await stage.serviceWithOperators();
    const proxy = await stage.network(service);
    const op = await stage.operator(proxy.url);
    await op.signsIn();
    await op.person.sees('Live');
    proxy.hold();
    proxy.cut();
    await op.person.sees(/^Stale, of \d\d:\d\d:\d\d$/);
    await op.person.sees(/cannot be reached.*What you see is of/);
    proxy.release();
    await op.person.button('Try again').first().click();
    await op.person.sees('Live');
  });

  it('is not there where the operator API is not', async () => {
    const services = await Promise.all([
      stage.service({ ADMIN: 'false' }),
      stage.serviceWithOperators({ CONSOLE: 'false' }),
      stage.serviceWithOperators(),
    ]);
    const statuses = services.map(async ({ url }) => (await fetch(new URL('/console', url))).status);
    expect(await Promise.all(statuses)).toEqual([404, 404, 200]);
  });
});
