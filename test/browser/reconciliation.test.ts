/** What a gateway's file says otherwise than we do: found, read, resolved, and written off by two people, in a real browser. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import type { Person } from '../support/person.js';
import { makePerson } from '../e2e/support/two-people.js';
import { describeInBrowser } from './support/chromium.js';
import { plantBreaks, type Planted } from './support/breaks.js';
import { expectSoon, letProofsGoStale, openOffice, type Office } from './support/office.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;

describeInBrowser('Reconciliation in the back-office', () => {
  let office: Office;
  let checker: Person;
  let planted: Planted;
  beforeAll(async () => {
    office = await openOffice();
    checker = await makePerson(office.system, 'owner');
    await checker.arrive();
    planted = await plantBreaks(office.system);
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  const queue = (page: Page) => page.getByRole('table', { name: 'Breaks' });

  /** @returns the lines of the file, each split at its commas; without the names of the columns */
  async function downloaded(page: Page): Promise<readonly (readonly string[])[]> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as CSV' }).click(),
    ]);
    const [names, ...lines] = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
    expect(names).toMatch(/^id,kind,side,/);
    return lines.map((line) => line.split(','));
  }

  interface BreakRow {
    readonly id: string;
    readonly kind: string;
    readonly amount: string;
    readonly closed_why: string | null;
  }

  const inDatabase = (where: string): Promise<readonly BreakRow[]> =>
    office.system
      .databaseOf('reconciliation')
      .query<BreakRow>(`SELECT id, kind, amount, closed_why FROM reconciliation.break WHERE ${where} ORDER BY id DESC`);

  it(
    'finds a break, shows on its row which field differs, exports what is shown, and closes it with why',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/breaks?mode=test');
      await queue(page).waitFor();
      const open = await inDatabase('closed_at IS NULL AND NOT livemode');
      expect(open.length).toBeGreaterThan(3);
      const all = await downloaded(page);
      const columnsOf = (rows: readonly BreakRow[]) => rows.map(({ kind, amount }) => [kind, amount]);
      // Kind, and what is at stake: by their places among the columns.
      expect(all.map((cells) => [cells[1], cells[14]])).toEqual(columnsOf(open));

      await page.getByRole('combobox', { name: 'What differs' }).selectOption('amount');
      await page.getByRole('combobox', { name: 'Differs from' }).selectOption('gateway');
      await page.getByRole('button', { name: 'Filter' }).click();
      await queue(page).getByText('Missing here').first().waitFor({ state: 'detached' });
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
        mode: 'test',
        status: 'open',
        kind: 'amount',
        side: 'gateway',
      });
      const row = queue(page).getByRole('row').filter({ hasText: planted.differing.reference });
      await row.getByText('Ours: GHS 50.00').waitFor();
      await row.getByText('Theirs: GHS 49.00').waitFor();
      expect(await queue(page).getByRole('row').count()).toBe(2);
      const filtered = await downloaded(page);
      expect(filtered.map((cells) => [cells[1], cells[14]])).toEqual([['amount', '100']]);
      expect(filtered[0]).toContain(planted.differing.reference);

      await row.getByRole('link', { name: planted.differing.reference }).click();
      await page.getByRole('heading', { name: `Amount: ${planted.differing.reference}`, level: 1 }).waitFor();
      const differences = page.getByRole('table', { name: 'Differences' });
      await differences.getByRole('cell', { name: 'GHS 50.00' }).waitFor();
      await differences.getByRole('cell', { name: 'GHS 49.00' }).waitFor();
      await page.getByRole('link', { name: planted.differing.paymentId }).waitFor();

      await page.getByRole('button', { name: 'Resolve' }).click();
      const dialog = page.getByRole('dialog', { name: 'Resolve 1 break' });
      await dialog.getByText('At stake: GHS 1.00.').waitFor();
      await dialog.getByRole('combobox', { name: 'How' }).selectOption('dismiss');
      await dialog.getByRole('textbox', { name: 'Why' }).fill('   ');
      await dialog.getByRole('button', { name: 'Dismiss: 1 break' }).click();
      await dialog.getByText('Say why.').waitFor();
      await dialog.getByRole('textbox', { name: 'Why' }).fill('A discount that they gave, by telephone');
      await dialog.getByRole('button', { name: 'Dismiss: 1 break' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByText('1 break is resolved.').waitFor();
      await page.getByText('dismissed: A discount that they gave, by telephone').waitFor();
      await page.getByRole('table', { name: 'Resolutions' }).getByText('By hand').waitFor();
      expect(await page.getByRole('button', { name: 'Resolve' }).count()).toBe(0);
      expect(await inDatabase(`kind = 'amount' AND side = 'gateway'`)).toMatchObject([
        { closed_why: 'dismissed: A discount that they gave, by telephone' },
      ]);
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'writes off what one person asked for and another approved, and not otherwise',
    async () => {
      await letProofsGoStale(office);
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/breaks?mode=test&kind=missing_here&side=gateway');
      await queue(page).getByRole('link', { name: planted.stranger }).click();
      await page.getByRole('button', { name: 'Resolve' }).click();
      const dialog = page.getByRole('dialog', { name: 'Resolve 1 break' });
      await dialog.getByRole('combobox', { name: 'How' }).selectOption('write_off');
      await dialog.getByText('It is booked once another person has approved it.').waitFor();
      await dialog.getByRole('textbox', { name: 'Why' }).fill('Nobody claims it');
      await dialog.getByRole('button', { name: 'Write off: 1 break' }).click();
      const notice = page.getByRole('status').filter({ hasText: 'Another person must approve it' });
      await notice.getByRole('link', { name: /^rsn_/ }).click();
      await page.getByText('You asked for this: another person decides.').waitFor();
      await page.getByRole('button', { name: 'Take back' }).waitFor();
      expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
      const [waiting] = await inDatabase(`kind = 'missing_here' AND side = 'gateway'`);
      expect(waiting?.closed_why).toBeNull();
      expect(window.complaints).toEqual([]);
      await window.close();

      const other = await office.openAs(checker);
      await other.go('/resolutions?mode=test');
      const list = other.page.getByRole('table', { name: 'Resolutions' });
      await list.getByText('Nobody claims it').waitFor();
      await list.getByRole('link', { name: 'Write off' }).click();
      await other.page.getByText('GHS 77.00').waitFor();
      await other.page.getByRole('button', { name: 'Approve' }).click();
      const asked = other.page.getByRole('dialog', { name: 'Approve this booking?' });
      await asked.getByText('GHS 77.00 is booked against Write-offs at once.').waitFor();
      await asked.getByRole('textbox', { name: 'Remark' }).fill('Looked at by two');
      await asked.getByRole('button', { name: 'Approve' }).click();
      const stepUp = other.page.getByRole('dialog', { name: 'Show your second factor again' });
      await stepUp.getByRole('textbox').fill((await checker.app?.code()) ?? '');
      await stepUp.getByRole('button', { name: 'Confirm' }).click();
      await asked.waitFor({ state: 'hidden' });
      await other.page.locator('.state').getByText('Done', { exact: true }).waitFor();
      await other.page.getByText('Looked at by two').waitFor();
      await other.page.getByText(/^tr_/).waitFor();
      expect(other.complaints).toEqual([]);
      await other.close();
      await eventually(async () => {
        const [booked] = await office.system
          .databaseOf('ledger')
          .query<{ amount: string; kind: string }>(
            `SELECT t.amount, a.kind FROM ledger.transfer t JOIN ledger.account a ON a.id = t.credit_account_id WHERE t.kind = 'adjustment'`,
          );
        expect(booked).toMatchObject({ amount: '7700', kind: 'write_offs' });
      });
      expect(await inDatabase(`kind = 'missing_here' AND side = 'gateway'`)).toMatchObject([
        { closed_why: 'written off: Nobody claims it' },
      ]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'resolves several at once, and says before how many that is and what is at stake',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/breaks?mode=test&kind=missing_there&side=gateway');
      await queue(page).waitFor();
      expect(await queue(page).getByText('Gateway was asked again').count()).toBe(2);
      await queue(page).getByRole('checkbox').first().check();
      await page.getByText('1 selected').waitFor();
      await page.getByRole('checkbox', { name: 'Select all open ones on this page' }).check();
      await page.getByText('2 selected').waitFor();
      await page.getByRole('button', { name: 'Resolve' }).click();
      const dialog = page.getByRole('dialog', { name: 'Resolve 2 breaks' });
      await dialog.getByText('At stake: GHS 100.00.').waitFor();
      await dialog.getByRole('combobox', { name: 'How' }).selectOption('match');
      await dialog.getByRole('textbox', { name: 'Why' }).fill('They say that it comes with the next file');
      await dialog.getByRole('button', { name: 'Match: 2 breaks' }).click();
      // Nothing is missing here that these could be.
      await dialog.getByText('reconciliation.cannot_resolve_so').waitFor();
      expect(await inDatabase(`kind = 'missing_there' AND side = 'gateway' AND closed_at IS NULL`)).toHaveLength(2);
      await dialog.getByRole('combobox', { name: 'How' }).selectOption('dismiss');
      await dialog.getByRole('button', { name: 'Dismiss: 2 breaks' }).click();
      await page.getByText('2 breaks are resolved.').waitFor();
      await page.getByText('Nothing matches these filters').waitFor();
      const why = 'dismissed: They say that it comes with the next file';
      expect(await inDatabase(`kind = 'missing_there' AND side = 'gateway'`)).toMatchObject([
        { closed_why: why },
        { closed_why: why },
      ]);
      await page.getByRole('combobox', { name: 'State' }).selectOption('closed');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await expectSoon(page, async () => (await queue(page).getByText('By hand').count()) === 2);
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows how a file would be read before it is taken, and then what became of it',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/sources?mode=test');
      await page.getByRole('link', { name: 'today.csv' }).waitFor();
      await page.getByRole('link', { name: 'Upload a file' }).click();
      // The list that is left has a field of the same name.
      await page.getByRole('heading', { name: 'Upload a file', level: 1 }).waitFor();
      await page.getByRole('combobox', { name: 'Gateway account' }).selectOption(planted.gatewayAccount);
      const chooseFile = (name: string, text: string) =>
        page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
      await chooseFile('wrong.csv', 'a,b\r\n1,2\r\n');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByText('No mapping reads this file.').waitFor();
      await chooseFile('evening.csv', planted.file);
      // What was shown was of another file.
      await page.getByText('No mapping reads this file.').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Preview' }).click();
      const rows = page.getByRole('table', { name: 'The first rows' });
      await rows.getByText(/^evening-1/).waitFor();
      await rows.getByText('GHS 12.34').waitFor();
      expect(await page.getByRole('table', { name: 'Mappings' }).getByRole('row').count()).toBeGreaterThan(1);
      const files = () =>
        office.system
          .databaseOf('reconciliation')
          .query<{ name: string; new_lines: number }>(
            `SELECT name, new_lines FROM reconciliation.source WHERE kind = 'file' ORDER BY id`,
          );
      expect((await files()).map(({ name }) => name)).toEqual(['today.csv']);
      await page.getByRole('button', { name: 'Take it in' }).click();
      await page.getByRole('heading', { name: 'evening.csv', level: 1 }).waitFor();
      await page.getByRole('table', { name: 'Lines' }).getByText('evening-1').waitFor();
      expect(await files()).toMatchObject([{ name: 'today.csv' }, { name: 'evening.csv', new_lines: 1 }]);
      await page.getByRole('link', { name: /^rcr_/ }).click();
      await page.getByRole('heading', { name: 'Run', level: 1 }).waitFor();
      await page.locator('.state').getByText('Done', { exact: true }).waitFor();
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'starts a run, says what came of it, and leads to what it found',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/reconciliation-runs?mode=test');
      await page.getByRole('button', { name: 'Start a run' }).click();
      const dialog = page.getByRole('dialog', { name: 'Start a run' });
      await dialog.getByRole('combobox', { name: 'Gateway account' }).selectOption(planted.gatewayAccount);
      await dialog.getByLabel('From').fill('2026-01-01T00:00');
      await dialog.getByLabel('Until').fill('2026-03-01T00:00');
      await dialog.getByRole('checkbox', { name: 'Ask the gateway for its own books first' }).uncheck();
      await dialog.getByRole('button', { name: 'Start a run' }).click();
      await dialog.getByText('must be after from, by 31 days at most').first().waitFor();
      await dialog.getByLabel('Until').fill('2026-01-02T00:00');
      await dialog.getByRole('button', { name: 'Start a run' }).click();
      // Of the run itself: others that are done stand in the list that one comes from.
      await page.getByText('The gateway was not asked.').waitFor();
      await page.locator('.state').getByText('Done', { exact: true }).waitFor();
      await window.go(`/reconciliation-runs/${planted.run}`);
      await page.getByRole('link', { name: 'Breaks that it found first' }).click();
      await queue(page).waitFor();
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({ run: planted.run, status: 'all' });
      const found = await inDatabase(
        `side = 'gateway' AND opened_by IN (SELECT id FROM reconciliation.run WHERE job LIKE 'asked for %')`,
      );
      expect(await queue(page).getByRole('row').count()).toBeGreaterThan(found.length);
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );
});
