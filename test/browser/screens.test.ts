/** Every screen there is, in both appearances and on a telephone: readable, reachable, and complete in both languages. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { DOORS, SCREENS, type ScreenName } from '../../src/backoffice/web/screens.js';
import { firstLoad, MAX_FIRST_LOAD_BYTES } from '../../scripts/launcher/first-load.mjs';
import { eventually } from '../support/eventually.js';
import { must } from '../support/person.js';
import { describeInBrowser } from './support/chromium.js';
import { openOffice, type Office, type Window } from './support/office.js';

const START_TIMEOUT_MS = 180_000;
const DESK = { width: 1280, height: 800 };
const TELEPHONE = { width: 390, height: 844 };

const names = Object.keys(SCREENS) as ScreenName[];

describeInBrowser('Every screen', () => {
  let office: Office;
  /** What a path's parameters stand for. A screen with a parameter that is not here fails. */
  let parameters: Readonly<Partial<Record<ScreenName, Readonly<Record<string, string>>>>>;
  beforeAll(async () => {
    office = await openOffice();
    const merchants = must(await office.owner.get<{ data: { id: string }[] }>('/admin/v1/merchants'), 200);
    const { admin } = must(await office.owner.get<{ admin: { id: string } }>('/admin/v1/session'), 200).body;
    must(
      await office.owner.post('/admin/v1/invitations', { email: 'esi@example.com', name: 'Esi', role: 'support' }),
      201,
    );
    const rules = { content: { rules: [], otherwise: { type: 'priority' } }, note: 'as without rules' };
    must(await office.owner.post('/admin/v1/routing/rule_sets', rules), 201);
    parameters = {
      merchant: { id: merchants.body.data[0]?.id ?? '' },
      admin: { id: admin.id },
      role: { name: 'finance' },
      ruleSet: { version: '1' },
    };
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  function pathOf(name: ScreenName): string {
    const given = parameters[name] ?? {};
    return SCREENS[name].path.replaceAll(/\$(\w+)/g, (_, parameter: string) => {
      const value = given[parameter];
      if (value === undefined) throw new Error(`The screen ${name} needs a ${parameter} in this test`);
      return value;
    });
  }

  async function visit(window: Window, name: ScreenName): Promise<void> {
    await window.go(pathOf(name));
    await untilShown(window.page);
  }

  // Each appearance is judged at one width, since the judge takes a second: light on a desk, dark on a telephone.
  describe.each([
    ['light', DESK],
    ['dark', TELEPHONE],
  ] as const)('in %s', (colorScheme, viewport) => {
    let window: Window;
    beforeAll(async () => {
      window = await office.openAs(office.owner, { colorScheme, viewport });
    });
    afterAll(() => window.close());

    it.each(names)('%s has nothing that keeps anybody from using it', async (name) => {
      const { page, complaints } = window;
      await page.setViewportSize(viewport);
      await visit(window, name);
      expect(await colourScheme(page)).toBe(colorScheme);
      expect(await violationsOf(page)).toEqual([]);
      await page.setViewportSize(TELEPHONE);
      // What was wide becomes narrow by and by.
      await eventually(async () => expect(await overflowOf(page)).toEqual([]), { timeoutMs: 3_000 });
      expect(complaints).toEqual([]);
    });

    it.each(Object.keys(DOORS) as (keyof typeof DOORS)[])('%s likewise, for whom has no session yet', async (door) => {
      const arriving =
        door === 'secondFactor' ? await office.openAs(await office.invite('support')) : await office.open();
      const { page } = arriving;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(TELEPHONE);
      await arriving.go(door === 'invitation' ? `${DOORS[door].path}#${'a'.repeat(43)}` : DOORS[door].path);
      await untilShown(page);
      expect(new URL(page.url()).pathname).toBe(`/backoffice${DOORS[door].path}`);
      expect(await overflowOf(page)).toEqual([]);
      expect(await violationsOf(page)).toEqual([]);
      await arriving.close();
    });
  });

  it('is reached with the tab key, and the first stop is the way past the navigation', async () => {
    const window = await office.openAs(office.owner);
    for (const name of names) {
      await visit(window, name);
      const { page } = window;
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      const wanted = await page.locator('main').locator('button:enabled, a[href], input:enabled, select').count();
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

/** A screen is there when it has a name, and nothing in it is on its way any more. */
async function untilShown(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
}

async function colourScheme(page: Page): Promise<string | null> {
  return page.locator('html').getAttribute('data-mantine-color-scheme');
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary ?? ''}`));
}

/** What stands out of the window to the right. Run in the page, whose words this project does not know. */
const OVERFLOW = `(() => {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  return [...document.querySelectorAll('main *, header *')]
    .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120));
})()`;

async function overflowOf(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(OVERFLOW);
}

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
