/** The books, refunds, payouts and messages as operators read them, in a real browser: from a figure to what is behind it, and to its source. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { must } from '../support/person.js';
import { keepBooks, type Books } from './support/books.js';
import { describeInBrowser } from './support/chromium.js';
import { expectSoon, openOffice, type Office } from './support/office.js';
import { untilShown } from './support/screens.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 60_000;

describeInBrowser('Books and money out in the back-office', () => {
  let office: Office;
  let books: Books;
  beforeAll(async () => {
    office = await openOffice({ messaging: true });
    await office.invitationTo('esi@example.com', 'support');
    books = await keepBooks(office);
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  async function exported(page: Page): Promise<readonly (readonly string[])[]> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as CSV' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    return text
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(','));
  }

  it(
    'leads from the trial balance to an account, its statement, a transfer, and the payout that it is about',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await expectSoon(page, async () => {
        await window.go('/trial-balance?mode=test');
        await untilShown(page);
        return (await page.getByRole('link', { name: 'Merchant, available' }).count()) > 0;
      });
      await page.getByRole('link', { name: 'Merchant, available' }).click();
      await page.getByRole('heading', { name: 'Merchant, available, GHS', level: 1 }).waitFor();
      const statement = page.getByRole('table', { name: 'Statement' });
      const row = statement.getByRole('row').filter({ hasText: books.payout }).first();
      await row.getByText('GHS 20.00').waitFor();
      const headers = await statement.getByRole('columnheader').allInnerTexts();
      expect(headers).toEqual(['Booked', 'What', 'About', 'Debit', 'Credit', 'Balance']);
      // The money left: it stands under debit, and not under credit.
      expect(await row.getByRole('cell').nth(3).innerText()).toContain('20.00');
      expect(await row.getByRole('cell').nth(4).innerText()).toBe('');
      await row.getByRole('link').first().click();
      await page.getByRole('heading', { name: /^Transfer:/, level: 1 }).waitFor();
      const legs = page.getByRole('table', { name: 'Both sides' });
      expect(await legs.getByRole('row').count()).toBe(3);
      await legs.getByRole('link', { name: 'Merchant, available' }).waitFor();
      await page.getByRole('link', { name: books.payout }).click();
      await page.getByRole('heading', { name: 'wages-1', level: 1 }).waitFor();
      const entries = page.getByRole('table', { name: 'Ledger entries' });
      for (const kind of ['Drawn for the payout', 'Payout sent'])
        await entries.getByText(kind, { exact: true }).waitFor();
      const timeline = page.getByRole('list', { name: 'What happened' });
      await timeline.getByText(/^Booked: .*Payout sent/).waitFor();
      await timeline.getByText('The merchant is told: payout.succeeded').waitFor();
      expect(await page.getByRole('img', { name: /^From second 0\.0 to second/ }).count()).toBe(1);
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows the statement of a period, checks its proof, and exports exactly that period',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go(`/ledger-accounts/${books.account}?mode=test`);
      const statement = page.getByRole('table', { name: 'Statement' });
      await statement.getByRole('row').nth(1).waitFor();
      const rows = (await statement.getByRole('row').count()) - 1;
      const file = await exported(page);
      expect(file.map(([, , , kind]) => kind).filter((kind) => kind?.endsWith('_balance'))).toEqual([
        'opening_balance',
        'closing_balance',
      ]);
      expect(file).toHaveLength(1 + 1 + rows + 1);
      await page.getByLabel('As of: booked before').fill('2026-01-01T00:00');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await page.getByText('Nothing was booked in this period').waitFor();
      expect(new URL(page.url()).searchParams.get('to')).toMatch(/^2026-01-01|^2025-12-31/);
      expect(await exported(page)).toHaveLength(3);
      await page.getByRole('button', { name: 'Clear filters' }).click();
      // Entries are chained a moment after they were booked.
      await expectSoon(page, async () => {
        await page.getByRole('button', { name: 'Check the proof' }).click();
        await page.waitForLoadState('networkidle');
        return (await page.getByText(/Proved by signed heads of the chain: [1-9]/).count()) === 1;
      });
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'finds accounts by kind, freezes one with a reason, and opens it again',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/ledger-accounts?mode=test');
      const table = page.getByRole('table', { name: 'Ledger accounts' });
      await table.getByText('Merchant, available').first().waitFor();
      await page.getByRole('combobox', { name: 'Kind of account' }).selectOption('platform_fees');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await table.getByText('Merchant, available').waitFor({ state: 'detached' });
      const rows = (await table.getByRole('row').count()) - 1;
      const file = await exported(page);
      expect(file).toHaveLength(1 + rows);
      expect(file.slice(1).every(([, , , kind]) => kind === 'platform_fees')).toBe(true);
      await table.getByRole('link', { name: 'Our fees' }).first().click();
      await page.getByRole('button', { name: 'Freeze' }).click();
      const dialog = page.getByRole('dialog', { name: 'Freeze this account?' });
      await dialog.getByRole('textbox').fill('Looked into');
      await dialog.getByRole('button', { name: 'Freeze' }).click();
      await page.getByText('Looked into').waitFor();
      await page.locator('.state').getByText('Frozen', { exact: true }).waitFor();
      const id = /acct_\w+/.exec(page.url())?.[0] ?? '';
      const stored = must(await office.owner.get(`/admin/v1/ledger/accounts/${id}`), 200).body;
      expect(stored).toMatchObject({ state: 'frozen', state_change: { reason: 'Looked into', by: 'operator' } });
      await page.getByRole('button', { name: 'Open again' }).click();
      const opening = page.getByRole('dialog', { name: 'Open this account again?' });
      await opening.getByRole('textbox').fill('All is well');
      await opening.getByRole('button', { name: 'Open again' }).click();
      await page.locator('.state').getByText('Open', { exact: true }).waitFor();
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'finds refunds and payouts as payments are found, and shows what became of one',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/payouts?mode=test');
      await page.getByRole('textbox', { name: 'Search' }).fill('wages-1');
      await page.getByRole('combobox', { name: 'Status' }).selectOption('succeeded');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await page.getByRole('table', { name: 'Payouts' }).getByRole('link', { name: 'wages-1' }).waitFor();
      expect((await exported(page)).slice(1).map(([id]) => id)).toEqual([books.payout]);
      await page.getByRole('combobox', { name: 'Status' }).selectOption('returned');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await page.getByText('Nothing matches these filters').waitFor();
      await window.go(`/refunds?mode=test&q=${books.refund}`);
      await page.getByRole('table', { name: 'Refunds' }).getByRole('link', { name: books.refund }).click();
      await page.getByText('One was broken').waitFor();
      await page.getByText('GHS 10.00').first().waitFor();
      expect(await page.getByRole('listitem').filter({ hasText: 'Reference:' }).count()).toBe(1);
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'lists messages, and sends one again',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/messages?mode=test');
      await page.getByRole('combobox', { name: 'What' }).selectOption('admin_second_factor_set_up');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      const table = page.getByRole('table', { name: 'Messages' });
      await expectSoon(page, async () => {
        await page.reload();
        await untilShown(page);
        return (await table.getByText('Sent', { exact: true }).count()) > 0;
      });
      const rows = table.getByRole('row').filter({ hasText: 'Sent' });
      await rows.first().getByRole('link').click();
      await page.waitForURL(/msg_/);
      const old = page.url();
      await page.getByRole('button', { name: 'Send again' }).click();
      const dialog = page.getByRole('dialog', { name: 'Send this message again?' });
      await dialog.getByText('It was sent already').waitFor();
      await dialog.getByRole('button', { name: 'Send again' }).click();
      await page.getByText('The message is on its way again.').waitFor();
      expect(page.url()).not.toBe(old);
      await page.getByRole('link', { name: /msg_\w+/.exec(old)?.[0] ?? '' }).waitFor();
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'makes a fee schedule, and says by field what is wrong with it',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/fee-schedules');
      await page.getByRole('button', { name: 'New version' }).click();
      const dialog = page.getByRole('dialog', { name: 'New version' });
      await dialog.getByRole('textbox', { name: 'Content, as JSON' }).fill('{"fees": []}');
      await dialog.getByRole('textbox', { name: 'Why this version' }).fill('wallets cost more');
      await dialog.getByRole('button', { name: 'New version' }).click();
      await dialog.getByRole('alert').getByText('/content/fees').first().waitFor();
      const content = { fees: [{ currency: 'GHS', fee: { tiers: [{ percent_bps: 175 }] } }] };
      await dialog.getByRole('textbox', { name: 'Content, as JSON' }).fill(JSON.stringify(content));
      await dialog.getByRole('button', { name: 'New version' }).click();
      await page.getByText('The new version is there.').waitFor();
      await page.getByRole('table', { name: 'Fee schedules' }).getByText('wallets cost more').waitFor();
      const kept = must(
        await office.owner.get<{ data: { content: object }[] }>('/admin/v1/payments/fee_schedules'),
        200,
      ).body;
      expect(kept.data[0]?.content).toMatchObject(content);
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );
});
