/** Filters that somebody keeps under a name: on the list, in the palette, renamed and deleted; nobody else has them. */
import { describeInBrowser } from './support/chromium.js';
import { openOffice, type Office } from './support/office.js';
import { untilShown } from './support/screens.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 60_000;

describeInBrowser('Saved views', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  it(
    'are saved, shown again on the list and from the palette, renamed and deleted',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      const search = (): Readonly<Record<string, string>> => Object.fromEntries(new URL(page.url()).searchParams);
      await window.go('/payments?mode=test');
      await untilShown(page);
      await page.getByRole('button', { name: 'Views' }).click();
      // Without a filter there is nothing to keep.
      expect(await page.getByRole('menuitem', { name: 'Save this filter…' }).isDisabled()).toBe(true);
      await page.keyboard.press('Escape');
      await page.getByRole('combobox', { name: 'Status' }).selectOption('failed');
      await page.getByRole('combobox', { name: 'Currency' }).selectOption('GHS');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await page.getByRole('button', { name: 'Clear filters' }).waitFor();
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menuitem', { name: 'Save this filter…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Save this filter…' });
      await dialog.getByRole('textbox', { name: 'Name' }).fill('Failed in Ghana');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByText('“Failed in Ghana” is saved.').waitFor();
      await page.getByRole('button', { name: 'Failed in Ghana' }).waitFor();

      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menuitem', { name: 'Failed in Ghana' }).click();
      await page.getByRole('button', { name: 'Failed in Ghana' }).waitFor();
      expect(search()).toEqual({ mode: 'test', status: 'failed', currency: 'GHS' });

      await window.go('/merchants?mode=live');
      await untilShown(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Go to a screen or an id' }).fill('ghana');
      await page.getByRole('option', { name: 'Payments: Failed in Ghana' }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Payments', level: 1 }).waitFor();
      // It is kept without the mode: one stays in the one that one is in.
      expect(search()).toEqual({ mode: 'live', status: 'failed', currency: 'GHS' });

      await page.getByRole('button', { name: 'Failed in Ghana' }).click();
      await page.getByRole('menuitem', { name: 'Rename or delete…' }).click();
      await page.getByRole('textbox', { name: 'Name of “Failed in Ghana”' }).fill('Accra');
      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('textbox', { name: 'Name of “Accra”' }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Accra' }).click();
      await page.getByRole('menuitem', { name: 'Rename or delete…' }).click();
      await page.getByRole('button', { name: 'Delete “Accra”' }).click();
      await page.getByRole('dialog').getByText('No view is saved here yet').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Views' }).waitFor();
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'are of one person, and what is no view in the storage is left out',
    async () => {
      const window = await office.openAs(office.owner);
      const { page } = window;
      await window.go('/payments?mode=test');
      await untilShown(page);
      const { admin } = (await office.owner.get<{ admin: { id: string } }>('/admin/v1/session')).body;
      const view = (name: string, path: string) => ({ path, name, filter: { status: 'failed' } });
      const stored = [view('Mine', '/payments'), view('Elsewhere', '//evil.example'), { name: 'Half' }, 7];
      const keep = (id: string, text: string): Promise<unknown> =>
        page.evaluate(`localStorage.setItem('sankofa.views.${id}', ${JSON.stringify(text)})`);
      await keep(admin.id, JSON.stringify(stored));
      await keep('adm_somebody_else', JSON.stringify([view('Theirs', '/payments')]));
      await page.reload();
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menuitem', { name: 'Mine' }).waitFor();
      expect(await page.getByRole('menuitem', { name: 'Theirs' }).count()).toBe(0);
      await keep(admin.id, '{broken');
      await page.reload();
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menu').getByText('No view is saved here yet').waitFor();
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    TEST_TIMEOUT_MS,
  );
});
