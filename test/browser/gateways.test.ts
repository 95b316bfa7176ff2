/** Gateways as operators watch them, what is not known of them, and what is decided about that, in a real browser. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { must, type Person } from '../support/person.js';
import { makePerson } from '../e2e/support/two-people.js';
import { describeInBrowser } from './support/chromium.js';
import { expectSoon, letProofsGoStale, openOffice, type Office } from './support/office.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const PAID = 4;

/** How much of the first chart is its line, #1864ab: axes and grid are drawn where there is nothing, too. Run in the page, whose words this project does not know. */
const LINE_PIXELS = `(() => {
  const canvas = document.querySelector('.chart canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4)
    if (data[at] === 0x18 && data[at + 1] === 0x64 && data[at + 2] === 0xab && data[at + 3] === 255) count += 1;
  return count;
})()`;

interface Payment {
  readonly id: string;
  readonly status: string;
  readonly attempts: readonly { readonly status: string; readonly reference: string }[];
}
interface Performance {
  readonly accounts: readonly {
    readonly gateway_account: string;
    readonly attempts: number;
    readonly succeeded: number;
    readonly series: readonly { readonly attempts: number; readonly succeeded: number; readonly failed: number }[];
  }[];
}

describeInBrowser('Gateways in the back-office', () => {
  let office: Office;
  let checker: Person;
  beforeAll(async () => {
    office = await openOffice();
    checker = await makePerson(office.system, 'owner');
    await checker.arrive();
    for (let count = 0; count < PAID; count += 1) await pay(`order-${count}`, 'wait=20');
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  async function pay(reference: string, prefer: string): Promise<string> {
    const method = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
    const options = { headers: { 'idempotency-key': reference, prefer } };
    const order = { amount: 5_000, currency: 'GHS', reference, method };
    const { status, body, text } = await office.system.merchant.post<{ id: string }>('/v1/payments', order, options);
    if (status !== 201 && status !== 202) throw new Error(`${status}: ${text}`);
    return body.id;
  }

  const read = async (id: string): Promise<Payment> =>
    must(await office.system.merchant.get<Payment>(`/v1/payments/${id}?expand[]=attempts`), 200).body;

  /** A payment that its customer has approved, and whose gateway says nothing of it for three days. */
  async function lostPayment(reference: string): Promise<Payment> {
    const { sandbox, database } = office.system;
    for (const fault of ['timeout_after_charge', 'no_webhook']) await sandbox.setFault({ gateway: '*', fault });
    const id = await pay(reference, 'wait=0');
    await eventually(async () => expect((await read(id)).attempts[0]?.status).toMatch(/pending|unknown/));
    await sandbox.setFault({ gateway: '*', fault: 'down' });
    const payment = await eventually(
      async () => {
        const found = await read(id);
        expect(found.attempts[0]?.status).toBe('unknown');
        return found;
      },
      { timeoutMs: 20_000 },
    );
    await database.query(
      `UPDATE routing.attempt SET sent_at = sent_at - interval '73 hours', next_check_at = now() WHERE reference = $1`,
      [payment.attempts[0]?.reference],
    );
    const cases = `/admin/v1/routing/cases?opened=true&payment_id=${id}`;
    await eventually(
      async () => expect(must(await office.owner.get<{ data: object[] }>(cases), 200).body.data).toHaveLength(1),
      { timeoutMs: 20_000 },
    );
    return payment;
  }

  /** Where the server wants the second factor anew, the dialog for it comes by itself. */
  async function approveIn(page: Page, person: Person): Promise<void> {
    await page.getByRole('button', { name: 'Approve' }).click();
    const asked = page.getByRole('dialog', { name: 'Approve this?' });
    await asked.getByRole('button', { name: 'Approve' }).click();
    const stepUp = page.getByRole('dialog', { name: 'Show your second factor again' });
    await stepUp.getByRole('textbox').fill((await person.app?.code()) ?? '');
    await stepUp.getByRole('button', { name: 'Confirm' }).click();
    await asked.waitFor({ state: 'hidden' });
  }

  it(
    'has a case asked about, and decided by two people who looked it up',
    async () => {
      const { id, attempts } = await lostPayment('order-lost');
      const reference = attempts[0]?.reference ?? '';
      await letProofsGoStale(office);
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/cases');
      const row = page.getByRole('table', { name: 'Cases' }).getByRole('row').filter({ hasText: reference });
      await row.getByText('GHS 50.00').waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export as CSV' }).click(),
      ]);
      const [, line = '', ...more] = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
      expect([line.includes(reference), line.includes(',5000,GHS,'), more]).toEqual([true, true, []]);
      await row.getByText('3 days').waitFor();
      await row.getByText('Unknown').waitFor();
      await row.getByRole('button', { name: 'Ask again' }).click();
      await page.getByRole('status').filter({ hasText: 'The attempt is: Unknown' }).waitFor();
      await row.getByRole('button', { name: 'Decide' }).click();
      const dialog = page.getByRole('dialog', { name: 'Decide how it ended' });
      await dialog.getByText(reference).waitFor();
      await dialog.getByRole('combobox', { name: 'The dashboard shows' }).selectOption('succeeded');
      await dialog.getByText('Exactly GHS 50.00 has moved.').waitFor();
      await dialog.getByRole('textbox', { name: 'What the gateway calls it' }).fill('4099260516');
      await dialog.getByRole('textbox', { name: 'What you saw' }).fill('Paid, in the list of the 25th');
      await dialog.getByRole('button', { name: 'Decide' }).click();
      await page.getByRole('status').filter({ hasText: 'Another person must approve it' }).waitFor();
      await expectSoon(page, async () => {
        await page.reload();
        await row.waitFor();
        await page.waitForLoadState('networkidle');
        return (await row.getByRole('link', { name: 'Waits for another person' }).count()) === 1;
      });
      expect(await row.getByRole('button', { name: 'Decide' }).count()).toBe(0);
      await row.getByRole('link', { name: 'Waits for another person' }).click();
      await page.getByText('You asked for this: another person decides.').waitFor();
      expect((await read(id)).status).toBe('processing');
      expect(window.complaints).toEqual([]);
      await window.close();

      const other = await office.openAs(checker);
      await other.go('/approvals');
      const approvals = other.page.getByRole('table', { name: 'Approvals' });
      await approvals.getByRole('link', { name: 'Decide how a case ended' }).click();
      await other.page.getByText('Look it up yourself in the dashboard').waitFor();
      for (const text of [reference, '4099260516', 'Paid, in the list of the 25th', 'GHS 50.00'])
        await other.page.getByText(text).first().waitFor();
      await approveIn(other.page, checker);
      await other.page.locator('.state').getByText('Done', { exact: true }).waitFor();
      await eventually(async () => expect((await read(id)).status).toBe('succeeded'));
      await other.go('/cases');
      await other.page.getByText('No case is open').waitFor();
      expect(other.complaints).toEqual([]);
      await other.close();
      await office.system.sandbox.clearFaults();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows how an account does, as figures that lead to what they count, as charts, and as a table',
    async () => {
      const performance = async (account = ''): Promise<Performance['accounts']> => {
        const path = `/admin/v1/routing/performance?window=1h&livemode=false${account}`;
        return must(await office.owner.get<Performance>(path), 200).body.accounts;
      };
      const busiest = (await performance()).toSorted((one, other) => other.attempts - one.attempts)[0];
      const account = busiest?.gateway_account ?? '';
      const [told] = await performance(`&gateway_account=${account}`);
      const steps = told?.series ?? [];
      expect(told?.succeeded).toBeGreaterThanOrEqual(PAID);

      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/gateways?mode=test&window=1h');
      const table = page.getByRole('table', { name: 'Gateways' });
      await table.getByRole('link', { name: 'paystack/main' }).waitFor();
      await table.locator(`a[href*="${account}"]`).click();
      // The list has a field of the same name.
      await table.waitFor({ state: 'detached' });
      await page.getByRole('combobox', { name: 'Time' }).selectOption('1h');
      const ended = steps.filter(({ succeeded, failed }) => succeeded + failed > 0).length;
      const chart = page.getByRole('img', { name: `Share that succeeded: ${ended} points.` });
      await chart.locator('canvas').waitFor();
      expect(await page.getByRole('img', { name: /^Attempts: 120 points/ }).count()).toBe(1);
      const drawn = await page.evaluate<number>(LINE_PIXELS);
      expect(drawn).toBeGreaterThan(0);
      await page.getByText('The same as a table').click();
      const rows = page.getByRole('table', { name: 'Over time' }).getByRole('row');
      expect(await rows.count()).toBe(1 + steps.filter(({ attempts }) => attempts > 0).length);
      await page.getByRole('table', { name: 'What is believed now' }).getByText('GHS/mobile_money/mtn').waitFor();
      await page.emulateMedia({ colorScheme: 'dark' });
      await chart.locator('canvas').waitFor();
      await page.getByRole('link', { name: 'Payments of this time', exact: true }).click();
      await page.getByRole('table', { name: 'Payments' }).getByRole('link', { name: 'order-0' }).waitFor();
      expect(new URL(page.url()).searchParams.get('gateway')).toBeTruthy();
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'changes what an account is taken to keep, and says what is not understood',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/gateways?mode=test');
      await page.getByRole('link', { name: 'mtn_momo/main' }).click();
      await page.getByRole('button', { name: 'Change the fees' }).click();
      const dialog = page.getByRole('dialog', { name: 'Change the fees' });
      const field = dialog.getByRole('textbox', { name: 'Fee schedules, as JSON' });
      await field.fill('{');
      await dialog.getByText('This is no list in JSON').waitFor();
      const schedule = { currency: 'GHS', method: 'mobile_money', fee: { tiers: [{ percent_bps: 125 }] } };
      await field.fill(JSON.stringify([{ ...schedule, currency: 'USD' }]));
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.getByRole('alert').getByText('/fees/0/currency').first().waitFor();
      await field.fill(JSON.stringify([schedule]));
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('table', { name: 'Fees' }).getByText('"percent_bps":125').waitFor();
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'closes a gateway for a time, lets it be closed longer, and opens it again',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/maintenance');
      await page.getByText('Nothing is closed, and nothing will be').waitFor();
      await page.getByRole('button', { name: 'New window' }).click();
      const dialog = page.getByRole('dialog', { name: 'New window' });
      await dialog.getByRole('combobox', { name: 'What is closed' }).selectOption('gateway:flutterwave');
      await dialog.getByRole('textbox', { name: 'Network' }).fill('GHS/mobile_money/mtn');
      const local = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 16);
      await dialog.getByLabel('From').fill(local(2));
      await dialog.getByLabel('Until').fill(local(1));
      await dialog.getByRole('textbox', { name: 'Why' }).fill('Announced by Flutterwave');
      await dialog.getByRole('button', { name: 'New window' }).click();
      await dialog.getByText('it must end after it starts').first().waitFor();
      await dialog.getByLabel('From').fill(local(-1));
      await dialog.getByRole('button', { name: 'New window' }).click();
      const row = page.getByRole('table', { name: 'Maintenance' }).getByRole('row').filter({ hasText: 'flutterwave' });
      await row.getByText('Open now').waitFor();
      await row.getByRole('button', { name: 'Change' }).click();
      const change = page.getByRole('dialog', { name: 'Change the window' });
      await change.getByRole('textbox', { name: 'Why' }).fill('It takes longer');
      await change.getByRole('button', { name: 'Change' }).click();
      await row.getByText('It takes longer').waitFor();
      await row.getByRole('button', { name: 'Cancel the window' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel the window' }).click();
      await page.getByText('Nothing is closed, and nothing will be').waitFor();
      await page.getByRole('combobox', { name: 'Show' }).selectOption('true');
      await row.getByText('Canceled').waitFor();
      const { data } = must(
        await office.owner.get<{ data: object[] }>('/admin/v1/routing/maintenance_windows'),
        200,
      ).body;
      expect(data).toMatchObject([
        {
          gateway: 'flutterwave',
          network: 'GHS/mobile_money/mtn',
          reason: 'It takes longer',
          canceled_at: expect.any(String) as string,
        },
      ]);
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows what gateways told us, without the person',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/gateway-webhooks');
      await page.getByText('No webhook is doubtful').waitFor();
      await page.getByRole('combobox', { name: 'Show' }).selectOption('all');
      const table = page.getByRole('table', { name: 'Webhooks of gateways' });
      await table.getByRole('link', { name: 'charge.success' }).first().click();
      await page.getByRole('heading', { name: 'charge.success', level: 1 }).waitFor();
      await page.getByText('[withheld]').first().waitFor();
      expect(await page.getByText('+233241234567').count()).toBe(0);
      await page.getByRole('link', { name: /^pay_/ }).waitFor();
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );
});
