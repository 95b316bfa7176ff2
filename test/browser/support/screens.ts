/** Every screen of the app as an address that shows something. */
import type { Page } from 'playwright-core';
import { SCREENS, type ScreenName } from '../../../src/backoffice/web/screens.js';
import { eventually } from '../../support/eventually.js';
import { must } from '../../support/person.js';
import { plantBreaks } from './breaks.js';
import { keepBooks } from './books.js';
import type { Office, Window } from './office.js';

export const SCREEN_NAMES = Object.keys(SCREENS) as ScreenName[];

/** What a path's parameters stand for. A screen with a parameter that is not here fails. */
type Parameters = Readonly<Partial<Record<ScreenName, Readonly<Record<string, string>>>>>;

/** @returns a way to each screen, where something is to be seen */
export async function furnish(office: Office): Promise<(window: Window, name: ScreenName) => Promise<void>> {
  const merchants = must(await office.owner.get<{ data: { id: string }[] }>('/admin/v1/merchants'), 200);
  const { admin } = must(await office.owner.get<{ admin: { id: string } }>('/admin/v1/session'), 200).body;
  await office.invitationTo('esi@example.com', 'support');
  const rules = { content: { rules: [], otherwise: { type: 'priority' } }, note: 'as without rules' };
  must(await office.owner.post('/admin/v1/routing/rule_sets', rules), 201);
  const wallet = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
  const order = { amount: 5_000, currency: 'GHS', reference: 'order-seen', method: wallet, metadata: { cart: '17' } };
  const options = { headers: { 'idempotency-key': 'order-seen', prefer: 'wait=20' } };
  const payment = must(await office.system.merchant.post<{ id: string }>('/v1/payments', order, options), 201).body;
  const invited = { email: 'yaw@example.com', name: 'Yaw Mensah', role: 'support' };
  const approval = must(await office.owner.post<{ id: string }>('/admin/v1/invitations', invited), 202).body;
  const reconciliation = await furnishReconciliation(office);
  const gateways = must(await office.owner.get<{ data: { id: string }[] }>('/admin/v1/routing/gateways'), 200);
  const webhook = await eventually(async () => {
    const path = '/admin/v1/routing/webhooks?outcome=all';
    const [first] = must(await office.owner.get<{ data: { id: string }[] }>(path), 200).body.data;
    if (first === undefined) throw new Error('no webhook has come yet');
    return first;
  });
  const books = await keepBooks(office);
  const parameters: Parameters = {
    ...reconciliation,
    gateway: { id: gateways.body.data[0]?.id ?? '' },
    gatewayWebhook: { id: webhook.id },
    refund: { id: books.refund },
    payout: { id: books.payout },
    ledgerAccount: { id: books.account },
    transfer: { id: books.transfer },
    release: { id: books.release },
    message: { id: books.message },
    payment: { id: payment.id },
    approval: { id: approval.id },
    merchant: { id: merchants.body.data[0]?.id ?? '' },
    admin: { id: admin.id },
    role: { name: 'finance' },
    ruleSet: { version: '1' },
  };

  return async (window, name) => {
    await window.go(pathOf(name, parameters));
    await untilShown(window.page);
  };
}

/** A break that is open, and one of which it is asked that it be written off. */
async function furnishReconciliation({ system, owner }: Office): Promise<Parameters> {
  const { stranger, run } = await plantBreaks(system);
  const breaks = must(await owner.get<{ data: Found[] }>('/admin/v1/reconciliation/breaks?status=open'), 200).body.data;
  const open = breaks.find(({ kind, side }) => kind === 'amount' && side === 'gateway')?.id ?? '';
  const asked = breaks.find(({ reference }) => reference === stranger)?.id ?? '';
  const body = { breaks: [asked], action: 'write_off', remark: 'Nobody claims it' };
  const { data } = must(await owner.post<{ data: Found[] }>('/admin/v1/reconciliation/resolutions', body), 201).body;
  const [source] = must(await owner.get<{ data: Found[] }>('/admin/v1/reconciliation/sources?kind=file'), 200).body
    .data;
  const check = must(await owner.post<Found>('/admin/v1/reconciliation/safeguarding_checks', {}), 202).body;
  return {
    break: { id: open },
    resolution: { id: data[0]?.id ?? '' },
    reconciliationRun: { id: run },
    source: { id: source?.id ?? '' },
    safeguardingCheck: { id: check.id },
    mapping: { id: 'paystack' },
  };
}

interface Found {
  readonly id: string;
  readonly kind: string;
  readonly side: string;
  readonly reference: string | null;
}

function pathOf(name: ScreenName, parameters: Parameters): string {
  const given = parameters[name] ?? {};
  return SCREENS[name].path.replaceAll(/\$(\w+)/g, (_, parameter: string) => {
    const value = given[parameter];
    if (value === undefined) throw new Error(`The screen ${name} needs a ${parameter} in these tests`);
    return value;
  });
}

/** A screen is there when it has a name, and nothing in it is on its way any more. */
export async function untilShown(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
}

export async function colourScheme(page: Page): Promise<string | null> {
  return page.locator('html').getAttribute('data-mantine-color-scheme');
}
