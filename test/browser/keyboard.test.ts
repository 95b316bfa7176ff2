/** Everything by keyboard alone: each screen is walked through from its top, and dialogs are opened, kept within and left. */
import type { Page } from 'playwright-core';
import type { ScreenName } from '../../src/backoffice/web/screens.js';
import { describeInBrowser } from './support/chromium.js';
import { expectSoon, openOffice, type Office, type Window } from './support/office.js';
import { furnish, SCREEN_NAMES, untilShown } from './support/screens.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 60_000;
/** More stops than any screen has: who is still walking then is in a trap. */
const MAX_STOPS = 400;

/** What can be used. Run in the page, whose words this project does not know. */
const USABLE = `[...document.querySelectorAll('a[href], button:enabled, input:enabled:not([type=hidden]), select:enabled, textarea:enabled, summary')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))`;

/** Marks where the focus is, and keeps what that looks like: of the element and of what stands around it, which some controls are drawn by. */
const MARK = `(() => {
  const seen = (element) => {
    const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor, style.backgroundColor, style.left].join();
  };
  const looks = (element) => [element, element.parentElement, element.nextElementSibling].filter(Boolean).map(seen).join(' / ');
  window.looksOf ??= looks;
  window.stops ??= new Map();
  const at = document.activeElement;
  if (at === null || at === document.body || at === document.documentElement) return 'left';
  const again = window.stops.has(at) && window.lastStop !== at;
  if (!again) window.stops.set(at, looks(at));
  window.lastStop = at;
  return again ? 'again' : 'new';
})()`;

const BEGIN = `(() => { document.activeElement?.blur(); window.stops = new Map(); window.lastStop = undefined; window.scrollTo(0, 0); })()`;

/** What was not come to, and what looks the same whether it has the focus or not. */
const FAULTS = `(() => {
  document.activeElement?.blur();
  const name = (element) => element.outerHTML.slice(0, 160);
  const missed = ${USABLE}.filter((element) => !window.stops.has(element));
  const unseen = [...window.stops].filter(([element, looks]) => element.isConnected && looks === window.looksOf(element));
  return [...missed.map((element) => 'not reached: ' + name(element)), ...unseen.map(([element]) => 'not seen: ' + name(element))];
})()`;

async function walk(page: Page): Promise<{ readonly stops: number; readonly faults: readonly string[] }> {
  await page.evaluate(BEGIN);
  for (let stops = 0; stops < MAX_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    const where = await page.evaluate<string>(MARK);
    if (where === 'new') continue;
    return { stops, faults: await page.evaluate<readonly string[]>(FAULTS) };
  }
  throw new Error('The walk did not come to an end');
}

/** What has the focus, by what it is called. */
const FOCUSED = `(() => { const at = document.activeElement; return at.getAttribute('aria-label') ?? at.textContent.trim(); })()`;
const focused = (page: Page): Promise<string> => page.evaluate<string>(FOCUSED);
const IS_IN_DIALOG = `document.activeElement.closest('[role=dialog]') !== null`;

describeInBrowser('By keyboard alone', () => {
  let office: Office;
  let visit: Awaited<ReturnType<typeof furnish>>;
  let window: Window;
  beforeAll(async () => {
    office = await openOffice({ messaging: true });
    visit = await furnish(office);
    // What changes its looks by and by would be looked at while it does.
    window = await office.openAs(office.owner, { reducedMotion: 'reduce' });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await window?.close();
    await office.close();
  }, START_TIMEOUT_MS);

  it.each(SCREEN_NAMES)(
    '%s is walked through from the top: everything is reached, the focus is seen, and there is no trap',
    async (name) => {
      await visit(window, name);
      await window.page.waitForLoadState('networkidle');
      const { stops, faults } = await walk(window.page);
      expect(faults).toEqual([]);
      expect(stops).toBeGreaterThan(5);
      expect(window.complaints).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it('finds out what is not reached, and where the focus is not seen', async () => {
    const { page } = window;
    await visit(window, 'merchants');
    await page.evaluate(`(() => {
      document.querySelector('main').insertAdjacentHTML('beforeend', '<button tabindex="-1">missed</button><button id="unseen">unseen</button>');
      document.querySelector('#unseen').style.cssText = 'outline: none; border: 0; background: none';
    })()`);
    const { faults } = await walk(page);
    expect(faults).toEqual([
      expect.stringContaining('not reached: <button tabindex="-1">missed'),
      expect.stringContaining('not seen: <button id="unseen"'),
    ]);
  });

  it('has a way past the navigation that leads to the content', async () => {
    const { page } = window;
    await visit(window, 'payments');
    await page.evaluate(BEGIN);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(`document.activeElement.closest('main') !== null`)).toBe(true);
  });

  const DIALOGS: readonly (readonly [ScreenName, string])[] = [
    ['merchants', 'New merchant'],
    ['merchant', 'New key'],
    ['payment', 'Refund'],
    ['feeSchedules', 'New version'],
    ['settlementPolicies', 'New version'],
    ['ledgerAccount', 'Freeze'],
    ['ruleSets', 'New version'],
    ['roles', 'New role'],
    ['invitations', 'Invite somebody'],
    ['message', 'Send again'],
  ];
  it.each(DIALOGS)(
    'on %s the dialog of “%s” takes the focus, keeps it, closes with Escape, and gives it back',
    async (name, opener) => {
      const { page } = window;
      await visit(window, name);
      const button = page.getByRole('button', { name: opener, exact: true }).first();
      await button.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      await expectSoon(page, () => page.evaluate<boolean>(IS_IN_DIALOG));
      const stops = await dialog.locator('button:enabled, input:enabled, select:enabled, textarea:enabled').count();
      for (const key of ['Tab', 'Shift+Tab'])
        for (let stop = 0; stop <= stops + 1; stop += 1) {
          await page.keyboard.press(key);
          expect(await page.evaluate(IS_IN_DIALOG)).toBe(true);
        }
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await expectSoon(page, () =>
        page.evaluate<boolean>(`document.activeElement.textContent.trim() === ${JSON.stringify(opener)}`),
      );
    },
    TEST_TIMEOUT_MS,
  );

  it('opens the palette from anywhere, and gives the focus back to where it was', async () => {
    const { page } = window;
    await visit(window, 'payments');
    const field = page.getByRole('textbox', { name: 'Search' });
    await field.focus();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Go to a screen or an id' }).waitFor();
    await expectSoon(page, () => page.evaluate<boolean>(IS_IN_DIALOG));
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectSoon(page, () =>
      page.evaluate<boolean>(
        `document.activeElement.type === 'text' && document.activeElement.closest('main') !== null`,
      ),
    );
  });

  it('follows a row to its page, where the content has the focus', async () => {
    const { page } = window;
    await visit(window, 'payments');
    await page.getByRole('table', { name: 'Payments' }).getByRole('link', { name: 'order-seen' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'order-seen', level: 1 }).waitFor();
    await untilShown(page);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
  });

  it('opens a menu with Enter, goes through it with arrows, and leaves it with Escape', async () => {
    const { page } = window;
    await visit(window, 'payments');
    const opener = page.getByRole('button', { name: 'Views' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menu').waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate(`document.activeElement.closest('[role=menu]') !== null`)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await expectSoon(page, () => page.evaluate<boolean>(`document.activeElement.textContent.trim() === 'Views'`));
  });
});
