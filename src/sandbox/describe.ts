import { APPROVAL_MS } from './charges.js';
import { CREATE_FAULTS, DEFAULT_MS, REQUEST_FAULTS } from './faults.js';
import type { ControlledParts } from './controlled-parts.js';
import { MAGIC_PHONES } from './magic-phones.js';
import { AFRICAS_TALKING, CREDENTIALS } from './messaging/africas-talking.js';
import { MISPRINTS } from './misprints.js';
import type { JsonObject } from './wire.js';

/** What `GET /` of the control API answers: everything a visitor needs to play. */
export function describeSandbox(
  controlUrl: string,
  { listeners, sms, mails }: Pick<ControlledParts, 'listeners' | 'sms' | 'mails'>,
): JsonObject {
  return {
    about:
      'Impersonates payment gateways on the wire. No real money moves. An imaginary customer approves every charge after ' +
      `${APPROVAL_MS} ms unless a fault or a magic phone number says otherwise; an imaginary bank takes as long for refunds and payouts.`,
    gateways: Object.fromEntries(
      listeners.map(({ gateway, url }) => [
        gateway.name,
        {
          url,
          credentials_of_account_main: gateway.defaultCredentials,
          endpoints: gateway.routes.map((route) => `${route.method} ${readable(route.path)}`),
        },
      ]),
    ),
    messaging: {
      [AFRICAS_TALKING]: { url: sms.url, credentials: CREDENTIALS, endpoints: ['POST /version1/messaging'] },
      smtp: { url: mails.url },
    },
    magic_phone_endings: MAGIC_PHONES,
    faults: { of_any_request: REQUEST_FAULTS, of_create_requests: CREATE_FAULTS, default_ms: DEFAULT_MS },
    control: {
      'GET /_faults': 'faults in force, with hits',
      'POST /_faults': '{gateway | "*", fault, rate?, seed?, after?, ms?, code?, on?: charge | refund | payout | any}',
      'DELETE /_faults?gateway=&fault=': 'remove some or all faults',
      'GET /_ledger?reference=': 'what really moved, by reference (repeatable), or all by ?after=&limit=',
      'GET /_ledger/summary': 'totals by gateway, currency and kind, and references that moved more than once',
      'GET /_float?gateway=&account=&currency=': 'what an account holds',
      'POST /_float':
        '{gateway, account?, currency, amount | balance}: what an account holds besides what it collected, or in all',
      'POST /_misprints': `{gateway, account?, reference, as: ${MISPRINTS.join(' | ')}}: list a charge otherwise than it was`,
      'POST /_settlements': '{gateway, account?}: pay out all that was collected and not settled yet',
      'DELETE /_ledger': 'forget all transactions and money',
      'GET /_requests/summary': 'requests by gateway and operation',
      'GET /_webhooks/summary': 'webhooks by gateway: attempts, delivered, waiting, abandoned',
      'GET /_messages?to=': 'mails and SMS that were sent, oldest first',
      'DELETE /_messages': 'forget them',
      'GET /_accounts': 'accounts, without credentials',
      'POST /_accounts': '{gateway, account, credentials, webhook_url?}',
      'POST /_transactions/approve': '{gateway, reference, account?, kind?}',
      'POST /_transactions/decline': '{gateway, reference, account?, kind?, code?}',
      'POST /_transactions/return': '{gateway, reference, account?}: a payout that was paid comes back',
    },
    url: controlUrl,
  };
}

/** Turns a route's pattern into a path a person can read: groups become `:value`. */
function readable(pattern: RegExp): string {
  return pattern.source
    .replaceAll('\\/', '/')
    .replaceAll('\\.', '.')
    .replace(/^\^|\$$/g, '')
    .replace(/\([^)]*\)/g, ':value')
    .replace(/\/\?$/, '');
}
