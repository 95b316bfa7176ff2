/** What stands around every screen: keyboard, language, appearance, mode, and what it costs to load. */
import type { Page } from 'playwright-core';
import { firstLoad, MAX_FIRST_LOAD_BYTES } from '../../scripts/launcher/first-load.mjs';
import { describeInBrowser } from './support/chromium.js';
import { openOffice, type Office } from './support/office.js';
import { colourScheme, furnish, SCREEN_NAMES, untilShown } from './support/screens.js';

const START_TIMEOUT_MS = 180_000;

describeInBrowser('The shell of the back-office', () => {
  let office: Office;
  let visit: Awaited<ReturnType<typeof furnish>>;
  beforeAll(async () => {
    office = await openOffice({ messaging: true });
    visit = await furnish(office);
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  it('is reached with the tab key, and the first stop is the way past the navigation', async () => {
    const window = await office.openAs(office.owner);
    for (const name of SCREEN_NAMES) {
      await visit(window, name);
      const { page } = window;
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      const controls = page.locator('main').locator('button:enabled, a[href], input:enabled, select');
      const wanted = await controls.filter({ visible: true }).count();
      expect(await reachableIn(page)).toBeGreaterThanOrEqual(wanted);
    }
    await window.close();
  });

  it('speaks French to whose browser does, and remembers another choice', async () => {
    const window = await office.openAs(office.owner, { locale: 'fr-SN' });
    const { page } = window;
    await visit(window, 'merchants');
    expect(await page.locator('html').getAttribute('lang')).toBe('fr');
    await page.getByRole('heading', { name: 'Marchands', level: 1 }).waitFor();
    await page.getByTestId('person').click();
    await page.getByTestId('language-en').click();
    await page.getByRole('heading', { name: 'Merchants', level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Merchants', level: 1 }).waitFor();
    await window.close();
  });

  it('takes the appearance that is chosen, and keeps it', async () => {
    const window = await office.openAs(office.owner, { colorScheme: 'light' });
    const { page } = window;
    await visit(window, 'merchants');
    expect(await colourScheme(page)).toBe('light');
    await page.getByTestId('person').click();
    await page.getByTestId('theme-dark').click();
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
    await page.reload();
    await untilShown(page);
    expect(await colourScheme(page)).toBe('dark');
    await window.close();
  });

  it('says at all times whether it is about real money', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await visit(window, 'merchants');
    expect(new URL(page.url()).searchParams.get('mode')).toBe('test');
    expect(await page.getByTestId('mode').innerText()).toBe('TEST');
    await page.getByTestId('mode').click();
    await page.getByRole('menuitem', { name: 'Switch to live mode' }).click();
    await page.waitForURL(/mode=live/);
    await page.getByRole('navigation').getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('heading', { name: 'Audit log' }).waitFor();
    expect(new URL(page.url()).searchParams.get('mode')).toBe('live');
    expect(await page.getByTestId('mode').innerText()).toBe('LIVE');
    await window.close();
  });

  it('says so where it cannot be loaded', async () => {
    const window = await office.openAs(office.owner);
    await window.page.route('**/assets/main-*.js', (route) => route.abort());
    await window.page.goto(`${office.url}/backoffice/merchants`);
    await window.page.getByRole('alert').getByText('Reload the page').waitFor();
    await window.close();
  });

  it('costs little to load, and comes from here alone', async () => {
    const { bytes } = firstLoad('dist/backoffice/web');
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(MAX_FIRST_LOAD_BYTES);
    const window = await office.openAs(office.owner);
    const asked: string[] = [];
    window.page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await visit(window, 'merchants');
    expect(new Set(asked)).toEqual(new Set([office.url]));
    await window.close();
  });
});

/** How many different things of the screen itself the tab key comes to. */
async function reachableIn(page: Page): Promise<number> {
  const most = 400;
  let count = 0;
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab');
    if (!(await page.evaluate<boolean>(`document.querySelector('main').contains(document.activeElement)`))) break;
    count += 1;
  }
  return count;
}
