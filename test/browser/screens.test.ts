/** Every screen there is, in both appearances and on a telephone: nothing keeps anybody from reading or using it. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { DOORS } from '../../src/backoffice/web/screens.js';
import { eventually } from '../support/eventually.js';
import { describeInBrowser } from './support/chromium.js';
import { openOffice, type Office, type Window } from './support/office.js';
import { colourScheme, furnish, SCREEN_NAMES, untilShown } from './support/screens.js';

const START_TIMEOUT_MS = 180_000;
const DESK = { width: 1280, height: 800 };
const TELEPHONE = { width: 390, height: 844 };

describeInBrowser('Every screen', () => {
  let office: Office;
  let visit: Awaited<ReturnType<typeof furnish>>;
  beforeAll(async () => {
    office = await openOffice({ messaging: true });
    visit = await furnish(office);
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

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

    it.each(SCREEN_NAMES)('%s has nothing that keeps anybody from using it', async (name) => {
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
});

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
