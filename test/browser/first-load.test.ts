/** How long somebody waits who opens the list of payments for the first time: nothing of the app is in the browser yet. */
import os from 'node:os';
import type { CDPSession } from 'playwright-core';
import { MAX_FIRST_LOAD_BYTES } from '../../scripts/launcher/first-load.mjs';
import { must } from '../support/person.js';
import { describeInBrowser } from './support/chromium.js';
import { openOffice, type Office } from './support/office.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
/** Where the machine has nothing else to do; server, database and browser are all on it. */
const MAX_WAIT_MS = 1_500;
const TRIES = 7;

interface FirstLoad {
  readonly waitedMs: number;
  /** As they were sent. */
  readonly scriptBytes: number;
}

describeInBrowser('The first load', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
    const method = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
    const payment = { amount: 5_000, currency: 'GHS', reference: 'order-first', method };
    const options = { headers: { 'idempotency-key': 'order-first', prefer: 'wait=20' } };
    must(await office.system.merchant.post('/v1/payments', payment, options), 201);
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  /** From the call for the page until a payment can be read, in a browser that has seen nothing of it before. */
  async function open(): Promise<FirstLoad> {
    const window = await office.openAs(office.owner);
    const session = await window.context.newCDPSession(window.page);
    const scripts = await watchScripts(session);
    const began = performance.now();
    await window.page.goto(`${office.url}/backoffice/payments?mode=test`, { waitUntil: 'commit' });
    await window.page.getByRole('link', { name: 'order-first' }).waitFor();
    const waitedMs = performance.now() - began;
    await window.page.waitForLoadState('networkidle');
    const scriptBytes = scripts.bytes();
    await window.close();
    return { waitedMs, scriptBytes };
  }

  it(
    'shows payments in a second and a half, with less JavaScript than is allowed',
    async () => {
      // What else runs takes its part of the machine: as many as wait for a core, so much longer it may take.
      const crowd = Math.max(1, (os.loadavg()[0] ?? 0) / os.availableParallelism());
      const loads: FirstLoad[] = [];
      for (let tries = 0; tries < TRIES; tries += 1) loads.push(await open());
      const waits = loads.map(({ waitedMs }) => Math.round(waitedMs)).toSorted((one, other) => one - other);
      const bytes = Math.max(...loads.map(({ scriptBytes }) => scriptBytes));
      process.stderr.write(
        `first load: ${waits.join(', ')} ms at ${crowd.toFixed(1)} for each core; ${bytes} bytes of JavaScript\n`,
      );
      // What else the machine did meanwhile is in each but the best.
      expect(waits[0]).toBeLessThan(MAX_WAIT_MS * crowd);
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(MAX_FIRST_LOAD_BYTES);
    },
    TEST_TIMEOUT_MS,
  );
});

async function watchScripts(session: CDPSession): Promise<{ bytes(): number }> {
  const scripts = new Set<string>();
  let total = 0;
  session.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) total += encodedDataLength;
  });
  await session.send('Network.enable');
  return { bytes: () => total };
}
