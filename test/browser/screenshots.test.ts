/** Pictures of the main screens, for the documentation: taken where `npm run screenshots` says where to, and skipped otherwise. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ScreenName } from '../../src/backoffice/web/screens.js';
import { describeInBrowser } from './support/chromium.js';
import { openOffice, type Office } from './support/office.js';
import { furnish, untilShown } from './support/screens.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;
/** All of them together are part of every clone. */
const MAX_BYTES = 1_800_000;

const folder = process.env['SANKOFA_SCREENSHOTS'] ?? '';
const DESK = { width: 1_200, height: 750 };
const TELEPHONE = { width: 390, height: 780 };
const MAIN = [
  'payments',
  'payment',
  'payout',
  'ledgerAccount',
  'trialBalance',
  'gateway',
  'break',
  'approvals',
] as const satisfies readonly ScreenName[];
const ON_A_TELEPHONE = ['payments', 'payment'] as const satisfies readonly ScreenName[];

interface Order {
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly method: Readonly<Record<string, string>>;
  readonly customer: Readonly<Record<string, string>>;
}

const wallet = (phone: string): Order['method'] => ({ type: 'mobile_money', network: 'mtn', phone });
const ORDERS: readonly Order[] = [
  {
    reference: 'shea-butter-1041',
    amount: 12_550,
    currency: 'GHS',
    method: wallet('+233240000041'),
    customer: { name: 'Ama Serwaa' },
  },
  {
    reference: 'school-fees-2207',
    amount: 85_000,
    currency: 'GHS',
    method: wallet('+233240000042'),
    customer: { name: 'Kofi Annor' },
  },
  {
    reference: 'airtime-9113',
    amount: 2_000,
    currency: 'GHS',
    method: wallet('+233240000043'),
    customer: { name: 'Efua Baidoo' },
  },
  {
    reference: 'bus-lagos-ibadan-77',
    amount: 450_000,
    currency: 'NGN',
    method: { type: 'ussd', bank: '737' },
    customer: { name: 'Ngozi Eze' },
  },
  {
    reference: 'rice-50kg-318',
    amount: 7_800_000,
    currency: 'NGN',
    method: { type: 'bank_transfer' },
    customer: { name: 'Tunde Bello' },
  },
  {
    reference: 'invoice-2026-114',
    amount: 1_250_000,
    currency: 'NGN',
    method: { type: 'card' },
    customer: { name: 'Amina Yusuf' },
  },
];

/** While every gateway declines. */
const DECLINED: Order = {
  reference: 'airtime-9112',
  amount: 2_000,
  currency: 'GHS',
  method: wallet('+233240000044'),
  customer: { name: 'Yaw Darko' },
};

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const describeOnDemand = folder === '' ? describe.skip : describeInBrowser;

describeOnDemand('Screenshots', () => {
  let office: Office;
  let visit: Awaited<ReturnType<typeof furnish>>;
  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    office = await openOffice({ messaging: true });
    const { merchant, sandbox } = office.system;
    await sandbox.setFault({ gateway: '*', fault: 'decline' });
    await pay(merchant, DECLINED);
    await sandbox.clearFaults();
    visit = await furnish(office);
    for (const order of ORDERS) await pay(merchant, order);
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  async function pay(merchant: Office['system']['merchant'], order: Order): Promise<void> {
    const options = { headers: { 'idempotency-key': order.reference, prefer: 'wait=10' } };
    const { status, text } = await merchant.post('/v1/payments', order, options);
    if (status !== 201 && status !== 202) throw new Error(text);
  }

  it(
    'are taken, light and dark, and small enough to be kept',
    async () => {
      const taken: string[] = [];
      const take = async (
        names: readonly ScreenName[],
        colorScheme: 'light' | 'dark',
        viewport: typeof DESK,
        suffix: string,
      ): Promise<void> => {
        const window = await office.openAs(office.owner, { colorScheme, viewport, reducedMotion: 'reduce' });
        for (const name of names) {
          await visit(window, name);
          await window.page.waitForLoadState('networkidle');
          await untilShown(window.page);
          const file = path.join(folder, `${kebab(name)}-${suffix}.png`);
          await window.page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
          taken.push(file);
        }
        expect(window.complaints).toEqual([]);
        await window.close();
      };
      await take(MAIN, 'light', DESK, 'light');
      await take(MAIN, 'dark', DESK, 'dark');
      await take(ON_A_TELEPHONE, 'light', TELEPHONE, 'telephone');
      const sizes = await Promise.all(taken.map(async (file) => (await stat(file)).size));
      expect(taken).toHaveLength(MAIN.length * 2 + ON_A_TELEPHONE.length);
      expect(Math.min(...sizes)).toBeGreaterThan(5_000);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_BYTES);
    },
    TEST_TIMEOUT_MS,
  );
});
