/** The browser of these tests: the system's Chromium, found by `npm test` (scripts/launcher/chromium.mjs), which says so where there is none. */
import { chromium, type Browser } from 'playwright-core';

/** Set by `npm test`; empty: there is no browser, and these suites are skipped. */
const executablePath = process.env['SANKOFA_TEST_CHROMIUM'] ?? '';

export const describeInBrowser: jest.Describe = executablePath === '' ? describe.skip : describe;

/** It asks nobody for updates, and runs as root in containers too. */
const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}
