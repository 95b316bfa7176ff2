/** Keys, roles and the log, as people work with them in a real browser. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { must } from '../support/person.js';
import { describeInBrowser } from './support/chromium.js';
import { expectSoon, openOffice, type Office } from './support/office.js';

const START_TIMEOUT_MS = 180_000;

describeInBrowser('Working in the back-office', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  const statusWith = async (key: string): Promise<number> =>
    (await fetch(`${office.url}/v1/balances`, { headers: { authorization: `Bearer ${key}` } })).status;

  const untilStatus = (page: Page, key: string, status: number): Promise<void> =>
    expectSoon(page, async () => (await statusWith(key)) === status);

  async function takeSecret(page: Page): Promise<string> {
    const secret = (await page.getByTestId('secret').innerText()).trim();
    // It does not go away by a slip.
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('secret').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'I have stored it safely' }).click();
    await page.getByTestId('secret').waitFor({ state: 'hidden' });
    return secret;
  }

  const rowOf = (page: Page, ending: string): Locator =>
    page.getByRole('row').filter({ has: page.getByText(`…${ending}`) });

  it('makes a key that is shown once, rolls it with an overlap, and revokes it', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await window.go('/merchants');
    await page.getByRole('link', { name: 'Demo' }).first().click();
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog', { name: 'New API key' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('checkout');
    await dialog.getByRole('switch', { name: 'Limit it to some scopes' }).check();
    await dialog.getByRole('checkbox', { name: 'ledger:read' }).check();
    await dialog.getByRole('button', { name: 'New key' }).click();
    const first = await takeSecret(page);
    expect(first).toMatch(/^sk_test_/);
    await untilStatus(page, first, 200);
    const old = rowOf(page, first.slice(-4));
    expect(await old.innerText()).toContain('ledger:read');
    expect(await page.content()).not.toContain(first);

    await old.getByRole('button', { name: 'Roll' }).click();
    const roll = page.getByRole('dialog', { name: 'Roll checkout' });
    await roll.getByRole('combobox').selectOption('3600');
    await roll.getByRole('button', { name: 'Roll' }).click();
    const second = await takeSecret(page);
    await untilStatus(page, second, 200);
    expect(await statusWith(first)).toBe(200);
    await old.getByText('Ends').waitFor();
    expect(await old.getByRole('button', { name: 'Roll' }).count()).toBe(0);

    await rowOf(page, second.slice(-4)).getByRole('button', { name: 'Revoke' }).click();
    const revoke = page.getByRole('dialog', { name: 'Revoke checkout?' });
    await revoke.getByRole('button', { name: 'Cancel' }).click();
    expect(await statusWith(second)).toBe(200);
    await rowOf(page, second.slice(-4)).getByRole('button', { name: 'Revoke' }).click();
    await revoke.getByRole('button', { name: 'Revoke' }).click();
    await rowOf(page, second.slice(-4)).getByText('Revoked').waitFor();
    await untilStatus(page, second, 401);
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('offers nothing that somebody may not do', async () => {
    const support = await office.hire('support');
    const window = await office.openAs(support);
    const { page } = window;
    await window.go('/');
    await page.getByRole('heading', { name: 'Merchants', level: 1 }).waitFor();
    const offered = await page.getByRole('navigation').getByRole('link').allInnerTexts();
    expect(offered).toEqual([
      'Merchants',
      'Payments',
      'Approvals',
      'Refunds',
      'Payouts',
      'Fee schedules',
      'Routing rules',
      'Cases',
      'Gateways',
      'Maintenance',
      'Webhooks of gateways',
      'Webhook deliveries',
      'Messages',
      'My account',
    ]);
    expect(await page.getByRole('button', { name: 'New merchant' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Demo' }).first().click();
    await page.getByRole('table', { name: 'API keys' }).waitFor();
    for (const name of ['New key', 'Roll', 'Revoke']) expect(await page.getByRole('button', { name }).count()).toBe(0);
    await window.go('/team');
    await page.getByRole('heading', { name: 'There is no such screen' }).waitFor();
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('combobox', { name: 'Go to a screen or an id' });
    await palette.fill('audit');
    await page.getByRole('option').first().waitFor();
    // Not the log: what may be searched for that word.
    expect(await page.getByRole('option').allInnerTexts()).toEqual(
      ['Merchants', 'Payments', 'Refunds', 'Payouts'].map((list) => `${list}: search “audit”`),
    );
    await palette.fill('zz');
    await page.getByText('Nothing of that name that you may see.').waitFor();
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('goes anywhere from the palette, also to an id', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await window.go('/account');
    await page.getByRole('heading', { name: 'My account' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to a screen or an id' }).fill('deliv');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Webhook deliveries', level: 1 }).waitFor();
    const merchants = must(
      await office.owner.get<{ data: { id: string; name: string }[] }>('/admin/v1/merchants'),
      200,
    );
    const [merchant] = merchants.body.data;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to a screen or an id' }).fill(merchant?.id ?? '');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: merchant?.name ?? '', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to a screen or an id' }).fill('024 123');
    await page.getByRole('option', { name: 'Payouts: search “024 123”' }).click();
    await page.getByRole('heading', { name: 'Payouts', level: 1 }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Search' }).inputValue()).toBe('024 123');
    await window.close();
  });

  it('finds a merchant by how its name begins, and calls it by its name wherever something is its own', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    for (const name of ['Adwoa Textiles', 'Adwoa Tailors', 'Mensah & Adwoa'])
      must(await office.owner.post('/admin/v1/merchants', { name, platform_fee_bps: 0 }), 201);
    const note = 'for the tailors';
    const content = { fees: [{ currency: 'GHS', fee: { tiers: [{ percent_bps: 100 }] } }] };
    await window.go('/merchants');
    await page.getByRole('textbox', { name: 'Name begins with' }).fill('adwoa t');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const table = page.getByRole('table', { name: 'Merchants' });
    await table.getByRole('link', { name: 'Mensah & Adwoa' }).waitFor({ state: 'detached' });
    expect(await table.getByRole('link').allInnerTexts()).toEqual(['Adwoa Tailors', 'Adwoa Textiles']);
    await table.getByRole('link', { name: 'Adwoa Tailors' }).click();
    await page.getByRole('heading', { name: 'Adwoa Tailors', level: 1 }).waitFor();
    const merchant = /mer_\w{26}/.exec(page.url())?.[0] ?? '';
    must(await office.owner.post('/admin/v1/payments/fee_schedules', { merchant, content, note }), 201);
    await window.go('/fee-schedules');
    const row = page.getByRole('row').filter({ hasText: note });
    const link = row.getByRole('link', { name: 'Adwoa Tailors' });
    await link.waitFor();
    expect(await link.getAttribute('title')).toBe(merchant);
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('keeps a role that was edited on the grid', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await window.go('/roles');
    await page.getByRole('button', { name: 'New role' }).click();
    const dialog = page.getByRole('dialog', { name: 'New role' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('night_shift');
    await dialog.getByRole('textbox', { name: 'What it is for' }).fill('Watches the queues at night.');
    await dialog.getByRole('radio', { name: 'Queues: Manage' }).check();
    await dialog.getByRole('button', { name: 'New role' }).click();
    await page.getByRole('link', { name: 'night_shift' }).click();
    await page.getByRole('radio', { name: 'Webhooks: Read' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Another person must approve it').waitFor();
    await office.approveLast('auth.change_role');
    const isKept = async (): Promise<boolean> => {
      const { body } = await office.owner.get<{ data: { name: string; permissions: object }[] }>('/admin/v1/roles');
      const made = body.data.find(({ name }) => name === 'night_shift');
      return JSON.stringify(made?.permissions) === JSON.stringify({ queues: 'manage', webhooks: 'read' });
    };
    await expectSoon(page, isKept);
    await window.go('/roles/owner');
    await page.getByText('Built-in roles stay as they are.').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await window.close();
  });

  it('searches the log, exports exactly what it shows, and verifies it', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await window.go('/audit');
    await page.getByRole('textbox', { name: 'What' }).fill('auth.admin_invited.v1');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expectSoon(page, async () => new URL(page.url()).searchParams.get('type') === 'auth.admin_invited.v1');
    const rows = page.getByRole('table', { name: 'Audit log' }).getByRole('row');
    await rows.nth(1).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as CSV' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
    const kept = await office.system.database.query<{ count: string }>(
      `SELECT count(*) FROM auth.audit_entry WHERE type = 'auth.admin_invited.v1'`,
    );
    expect(lines[0]).toContain('at_utc');
    expect(lines.length - 1).toBe(Number(kept[0]?.count));
    expect(lines.slice(1).every((line) => line.includes('auth.admin_invited.v1'))).toBe(true);
    await rows
      .nth(1)
      .getByRole('button', { name: /^Details/ })
      .click();
    await page.getByRole('dialog').getByText('Hash').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText(/The chain holds: \d/).waitFor();
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('shows what went wrong, and tries again', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await page.route('**/admin/v1/merchants*', (route) => route.abort());
    await window.go('/merchants');
    await page.getByText('The server does not answer').waitFor();
    await page.unroute('**/admin/v1/merchants*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('table', { name: 'Merchants' }).waitFor();
    await window.go('/merchants/mer_00000000000000000000000000');
    expect(await page.getByRole('alert').innerText()).toMatch(/merchant\.not_found[\s\S]*req_/);
    await window.close();
  });
});
