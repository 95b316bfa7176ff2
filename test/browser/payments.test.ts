/** A payment that a customer asks about: found, read and given back by two people; and what else takes two, in a real browser. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { must, type Person } from '../support/person.js';
import { makePerson } from '../e2e/support/two-people.js';
import { describeInBrowser } from './support/chromium.js';
import { expectSoon, letProofsGoStale, openOffice, type Office } from './support/office.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const PHONE = '+233245550011';

interface Life {
  readonly refunds: readonly { readonly amount: number; readonly status: string; readonly reason: string }[];
}

describeInBrowser('Payments and approvals in the back-office', () => {
  let office: Office;
  let checker: Person;
  let paymentId: string;
  beforeAll(async () => {
    office = await openOffice();
    checker = await makePerson(office.system, 'owner');
    await checker.arrive();
    paymentId = await pay('order-lost', PHONE);
    await pay('order-other', '+233245550022');
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  async function pay(reference: string, phone: string): Promise<string> {
    const method = { type: 'mobile_money', network: 'mtn', phone };
    const payment = { amount: 5_000, currency: 'GHS', reference, method, metadata: { cart: 'c-17' } };
    const options = { headers: { 'idempotency-key': reference, prefer: 'wait=20' } };
    return must(await office.system.merchant.post<{ id: string }>('/v1/payments', payment, options), 201).body.id;
  }

  /** Where the server wants the second factor anew, the dialog for it comes by itself. */
  async function approveIn(page: Page, person: Person, dialog = 'Approve this?'): Promise<void> {
    await page.getByRole('button', { name: 'Approve' }).click();
    const asked = page.getByRole('dialog', { name: dialog });
    await asked.getByRole('textbox', { name: 'Remark' }).fill('Looked at by two');
    await asked.getByRole('button', { name: 'Approve' }).click();
    const stepUp = page.getByRole('dialog', { name: 'Show your second factor again' });
    await stepUp.getByRole('textbox').fill((await person.app?.code()) ?? '');
    await stepUp.getByRole('button', { name: 'Confirm' }).click();
    await asked.waitFor({ state: 'hidden' });
  }

  /** @returns where the notice leads that something waits for another person */
  async function noticeOf(page: Page): Promise<string> {
    const notice = page.getByRole('status').filter({ hasText: 'Another person must approve it' });
    const href = await notice.getByRole('link').getAttribute('href');
    return (href ?? '').replace('/backoffice', '');
  }

  it(
    'shows the list first on a telephone, and its filters to whoever asks for them',
    async () => {
      const window = await office.openAs(office.owner, { viewport: { width: 390, height: 844 } });
      const { page } = window;
      await window.go('/payments?mode=test');
      const link = page.getByRole('table', { name: 'Payments' }).getByRole('link', { name: 'order-other' });
      await link.waitFor();
      const status = page.getByRole('combobox', { name: 'Status' });
      const filters = page.getByRole('button', { name: /^(More f|F)ilters/, expanded: false });
      expect(await status.count()).toBe(0);
      await filters.click();
      await status.selectOption('canceled');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await page.getByText('Nothing matches these filters').waitFor();
      expect(await filters.innerText()).toBe('More filters (1)');
      expect(await status.count()).toBe(0);
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await link.waitFor();
      await page.getByRole('textbox', { name: 'Search' }).fill('order-lost');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await link.waitFor({ state: 'detached' });
      // Where there is no other field, there is nothing to ask by before they are shown.
      await window.go('/drifts?mode=test');
      await filters.waitFor();
      expect(await page.getByRole('button', { name: 'Filter', exact: true }).count()).toBe(0);
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'finds a payment by telephone, and has it refunded by one person and another',
    async () => {
      await letProofsGoStale(office);
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/payments?mode=test');
      const table = page.getByRole('table', { name: 'Payments' });
      await table.getByRole('link', { name: 'order-other' }).waitFor();
      await page.getByRole('textbox', { name: 'Search' }).fill('024 555-0011');
      await page.getByRole('combobox', { name: 'Currency' }).selectOption('GHS');
      await page.getByRole('textbox', { name: 'Amount, at most' }).fill('50');
      await page.getByRole('button', { name: 'Filter' }).click();
      await table.getByRole('link', { name: 'order-other' }).waitFor({ state: 'detached' });
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
        mode: 'test',
        q: '024 555-0011',
        currency: 'GHS',
        amount_to: '5000',
      });
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export as CSV' }).click(),
      ]);
      const lines = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
      expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual([paymentId]);

      await table.getByRole('link', { name: 'order-lost' }).click();
      await page.getByRole('heading', { name: 'order-lost', level: 1 }).waitFor();
      await page.getByText('c-17').waitFor();
      expect(await page.getByRole('img', { name: /^From second 0\.0 to second/ }).count()).toBe(1);
      await page.getByText('Why this gateway').click();
      await page.getByText(/chosen with probability/).waitFor();
      await page.getByRole('button', { name: 'Refund' }).click();
      const dialog = page.getByRole('dialog', { name: 'Ask for a refund' });
      await dialog.getByText('GHS 50.00 can be refunded.').waitFor();
      await dialog.getByRole('textbox', { name: 'Amount in GHS' }).fill('12.345');
      await dialog.getByText('Not an amount of this currency').first().waitFor();
      await dialog.getByRole('textbox', { name: 'Amount in GHS' }).fill('12.34');
      await dialog.getByRole('textbox', { name: 'Reason' }).fill('It never arrived');
      await dialog.getByRole('button', { name: 'Refund' }).click();
      const approval = await noticeOf(page);
      expect(approval).toMatch(/^\/approvals\/apr_/);
      await page.getByRole('link', { name: /^apr_/ }).click();
      await page.getByText('You asked for this: another person decides.').waitFor();
      await page.getByRole('button', { name: 'Withdraw' }).waitFor();
      expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
      expect(await page.getByText('waits for you').count()).toBe(0);
      expect(window.complaints).toEqual([]);
      await window.close();

      const other = await office.openAs(checker);
      await other.go('/approvals');
      await other.page.getByRole('link', { name: /1 waits for you/ }).waitFor();
      await other.page
        .getByRole('table', { name: 'Approvals' })
        .getByRole('link', { name: 'Refund a payment' })
        .click();
      await other.page.getByText('GHS 12.34').waitFor();
      await other.page.getByText('It never arrived').waitFor();
      await approveIn(other.page, checker);
      await other.page.locator('.state').getByText('Done', { exact: true }).waitFor();
      await other.page.getByText('Looked at by two').waitFor();
      await other.page.getByRole('link', { name: paymentId }).first().click();
      const refunds = other.page.getByRole('table', { name: 'Refunds' });
      await refunds.getByText('GHS 12.34').waitFor();
      await expectSoon(other.page, async () => (await refunds.getByText('Succeeded').count()) === 1);
      await refunds.getByRole('link', { name: /^apr_/ }).waitFor();
      // Its whole life, on one screen.
      const entries = other.page.getByRole('table', { name: 'Ledger entries' });
      for (const kind of ['Payment taken', 'Our fee', 'Drawn for the refund', 'Refund sent'])
        await entries.getByText(kind, { exact: true }).waitFor();
      const told = other.page.getByRole('table', { name: 'What the merchant was told' });
      await told.getByText('payment.succeeded').waitFor();
      await told.getByText('refund.succeeded').waitFor();
      await other.page
        .getByRole('region', { name: 'Reconciliation' })
        .getByText('Not found in the books')
        .first()
        .waitFor();
      const timeline = other.page.getByRole('list', { name: 'What happened' });
      await timeline.getByText('Delivered to the merchant: refund.succeeded').waitFor();
      const moments = await timeline
        .getByRole('time')
        .evaluateAll((times) => times.map((time) => time.getAttribute('datetime')));
      expect(moments).toEqual(moments.toSorted());
      expect(moments.length).toBeGreaterThan(8);
      const { refunds: kept } = must(await office.owner.get<Life>(`/admin/v1/payments/${paymentId}`), 200).body;
      expect(kept).toMatchObject([{ amount: 1_234, status: 'succeeded', reason: 'It never arrived' }]);
      expect(other.complaints).toEqual([]);
      await other.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows what comes in by itself, as long as one wants that',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/payments?mode=test');
      const table = page.getByRole('table', { name: 'Payments' });
      await table.getByRole('link', { name: 'order-other' }).waitFor();
      await pay('order-live', '+233245550033');
      await table.getByRole('link', { name: 'order-live' }).waitFor();
      await page.getByTestId('person').click();
      const choice = page.getByRole('menuitemcheckbox', { name: 'Live updates' });
      expect(await choice.getAttribute('aria-checked')).toBe('true');
      await choice.click();
      expect(await choice.getAttribute('aria-checked')).toBe('false');
      await pay('order-still', '+233245550044');
      // Twice as long as it took to be told and to ask.
      await page.waitForTimeout(6_000);
      expect(await table.getByRole('link', { name: 'order-still' }).count()).toBe(0);
      await choice.click();
      await page.keyboard.press('Escape');
      await pay('order-again', '+233245550055');
      await table.getByRole('link', { name: 'order-again' }).waitFor();
      await table.getByRole('link', { name: 'order-still' }).waitFor();
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows the link of an invitation to whoever approves it, once',
    async () => {
      const window = await office.openAs(office.owner);
      await window.go('/invitations');
      await window.page.getByRole('button', { name: 'Invite somebody' }).click();
      const dialog = window.page.getByRole('dialog', { name: 'Invite somebody' });
      await dialog.getByRole('textbox', { name: 'Name' }).fill('Adwoa Boateng');
      await dialog.getByRole('textbox', { name: 'E-mail address' }).fill('adwoa@example.com');
      await dialog.getByRole('combobox', { name: 'Role' }).selectOption('support');
      await dialog.getByRole('button', { name: 'Invite somebody' }).click();
      const approval = await noticeOf(window.page);
      await window.close();

      await letProofsGoStale(office);
      const other = await office.openAs(checker);
      const { page } = other;
      await other.go(approval);
      await page.getByText('Adwoa Boateng <adwoa@example.com>').waitFor();
      await page.getByText('Payments: Read').waitFor();
      await approveIn(page, checker);
      const link = (await page.getByTestId('secret').innerText()).trim();
      expect(link).toMatch(/\/backoffice\/invitation#\S{43}$/);
      await page.getByRole('button', { name: 'I have stored it safely' }).click();
      await page.getByTestId('secret').waitFor({ state: 'hidden' });
      await page.reload();
      await page.locator('.state').getByText('Done', { exact: true }).waitFor();
      expect(await page.content()).not.toContain(link);
      const arriving = await office.open();
      await arriving.page.goto(link.replace(new URL(link).origin, new URL(office.url).origin));
      await arriving.page.getByText('Choose the password you will sign in with.').waitFor();
      await arriving.close();
      expect(other.complaints).toEqual([]);
      await other.close();
    },
    TEST_TIMEOUT_MS,
  );

  it('rejects with a remark, and what was rejected is found by its state', async () => {
    const asked = must(
      await office.owner.post<{ id: string }>(`/admin/v1/payments/${paymentId}/refunds`, { reason: 'Again' }),
      202,
    ).body;
    const other = await office.openAs(checker);
    const { page } = other;
    await other.go(`/approvals/${asked.id}`);
    await page.getByRole('button', { name: 'Reject' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reject this?' });
    await dialog.getByRole('textbox', { name: 'Remark' }).fill('Once is enough');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await page.locator('.state').getByText('Rejected', { exact: true }).waitFor();
    await page.getByText('Once is enough').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to a screen or an id' }).fill('approvals');
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Status' }).selectOption('rejected');
    await page.getByRole('table', { name: 'Approvals' }).getByRole('link', { name: 'Refund a payment' }).waitFor();
    expect(new URL(page.url()).searchParams.get('state')).toBe('rejected');
    expect(other.complaints).toEqual([]);
    await other.close();
  });
});
