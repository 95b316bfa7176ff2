/**
 * Whatever a merchant reads is read under the role of that merchant: the roles of modules may read no table of merchants here, and every GET of the API answers
 * all the same. PostgreSQL is the witness, whatever a controller calls; and a route that is new is found in the program's own description of itself.
 */
import { randomUUID } from 'node:crypto';
import { generateKey } from '../../../src/kernel/access/key-format.js';
import { TENANT_MODULES } from '../../../src/kernel/database/tenant-scope.js';
import { decodeId, encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { createApiClient, type ApiAnswer, type ApiClient } from '../../support/api-client.js';
import { startProgram, type Program } from '../../support/program.js';
import { encodeEntryId } from '../../../src/modules/ledger/accounts/entry-id.js';
import { asked, collect, take, told } from '../ledger/disbursement-events.js';
import { createHarness, type LedgerHarness } from '../ledger/harness.js';
import { chainerOf } from '../ledger/proof-harness.js';

const TIMEOUT_MS = 300_000;
const merchantId = newUuid();

let harness: LedgerHarness;
let program: Program;
let merchant: ApiClient;
/** The same merchant in the other mode, and another merchant. */
let others: readonly ApiClient[];
let admin: ApiClient;
let routes: readonly string[];
/** What there is of the merchant, by the path that shows one of it. */
const ids = new Map<string, string>();

/** Ways to ask besides the path itself: by statements of their own. */
const ASKED_OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  '/v1/ledger/accounts': [
    '?code=wallet',
    '?name=AMA',
    '?metadata=tier:gold',
    '?metadata=tier:gold&name=am&code=wallet&currency=GHS',
    '?kind=client&currency=GHS',
  ],
  '/v1/ledger/accounts/{id}/entries': ['?ending_before={entry}'],
  '/v1/ledger/accounts/{id}/statement': ['?format=csv', '?from=2026-01-01T00:00:00Z'],
  '/v1/ledger/accounts/{id}/balance': ['?effective_on=2030-01-01', '?as_of=2030-01-01T00:00:00Z'],
  '/v1/ledger/transfers': ['?account={account}', '?kind=fare&subject=trip-1'],
  '/v1/ledger/holds': ['?status=pending'],
};
/** Answered for whoever asks, with nothing in it until they said something. */
const OF_EVERYBODY = ['/v1/notification_settings'];

async function keyOf(owner: string | null, livemode = false): Promise<string> {
  const generated = generateKey(owner === null ? 'admin' : livemode ? 'merchant_live' : 'merchant_test');
  await harness.superuser.query(
    `INSERT INTO access.credential (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      newUuid(),
      owner === null ? 'admin' : 'merchant',
      generated.hash,
      owner,
      owner === null ? null : livemode,
      owner === null ? null : 50,
    ],
  );
  return generated.secret;
}

async function make(path: string, body: unknown): Promise<string> {
  const answer = await merchant.post(path, body, { idempotencyKey: randomUUID() });
  expect([path, answer.text, Math.floor(answer.status / 100)]).toEqual([path, answer.text, 2]);
  return String(answer.body['id']);
}

/** Something of everything that merchants read. */
async function fill(): Promise<void> {
  await fillBooks();
  await fillPayments();
  ids.set('/v1/webhook_endpoints', await make('/v1/webhook_endpoints', { url: 'http://127.0.0.1:9/' }));
  const event = newUuid();
  await harness.superuser.query(
    `INSERT INTO notification.event (id, merchant_id, livemode, type, body, source_event_id, created_at)
     VALUES ($1::uuid, $2, false, 'payment.succeeded', '{}', $1::uuid, now())`,
    [event, merchantId],
  );
  await harness.superuser.query(
    `INSERT INTO notification.delivery (id, event_id, endpoint_id, next_attempt_at) SELECT gen_random_uuid(), $1, id, now() FROM notification.endpoint`,
    [event],
  );
  ids.set('/v1/events', encodeId('event', event));
}

async function fillBooks(): Promise<void> {
  const wallet = { name: 'Ama', currency: 'GHS', normal_side: 'credit', metadata: { tier: 'gold' } };
  const account = await make('/v1/ledger/accounts', { ...wallet, code: 'wallet' });
  const other = await make('/v1/ledger/accounts', { ...wallet, code: 'other', name: 'Yaw', metadata: {} });
  const fare = { debit_account_id: other, credit_account_id: account, amount: 10, kind: 'fare', subject: 'trip-1' };
  ids.set('/v1/ledger/accounts', account);
  await make('/v1/ledger/transfers', fare);
  ids.set('/v1/ledger/transfers', await make('/v1/ledger/transfers', fare));
  await merchant.post(`/v1/ledger/accounts/${other}/freeze`, { reason: 'to have a state that changed' });
  const ledger = harness.process();
  await collect(ledger, merchantId, 1_000);
  await take(ledger, [told(asked(merchantId, 10), 'created')]);
  const [pending] = await harness.superuser.query<{ id: string }>(
    `SELECT id FROM ledger.account WHERE merchant_id = $1 AND kind = 'merchant_pending'`,
    [merchantId],
  );
  const release = newUuid();
  const [from, until] = ['2025-01-01T00:00:00Z', '2025-01-02T00:00:00Z'];
  await harness.superuser.query(
    `INSERT INTO ledger.release (id, account_id, number, settled_from, settled_until, payments, matured, amount, released_at)
     VALUES ($1, $2, 1000, $3, $4, 1, 0, 0, now())`,
    [release, pending?.id, from, until],
  );
  await harness.superuser.query(
    `INSERT INTO ledger.settlement (capture_id, account_id, kind, payment_id, amount, due_at, by_proof) VALUES ($1, $2, 'capture', $1, 10, $3, false)`,
    [newUuid(), pending?.id, until],
  );
  ids.set('/v1/balances/releases', encodeId('release', release));
  await chainerOf(ledger).walk();
}

async function fillPayments(): Promise<void> {
  const method = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
  const payment = await make('/v1/payments', {
    amount: 5_000,
    currency: 'GHS',
    reference: 'order',
    method,
    customer: { email: 'ama@example.com' },
  });
  const uuid = decodeId('payment', payment);
  await harness.superuser.query(
    `UPDATE payments.payment SET status = 'succeeded', winning_attempt_id = id, gateway = 'paystack', gateway_account_id = id, gateway_fee = 0 WHERE id = $1`,
    [uuid],
  );
  await harness.superuser.query(
    `INSERT INTO payments.attempt (id, payment_id, merchant_id, version, gateway, gateway_account_id, reference, status, started_at)
     VALUES ($1::uuid, $1, $2, 1, 'paystack', $1, 'reference', 'succeeded', now())`,
    [uuid, merchantId],
  );
  ids.set('/v1/payments', payment);
  ids.set('/v1/refunds', await make(`/v1/payments/${payment}/refunds`, { amount: 100 }));
  const destination = { ...method, name: 'Ama Mensah' };
  const payout = { amount: 10, currency: 'GHS', destination };
  ids.set('/v1/payouts', await make('/v1/payouts', { ...payout, reference: 'payout' }));
  const batch = { reference: 'batch', payouts: [{ ...payout, reference: 'of a batch' }] };
  ids.set('/v1/payout_batches', await make('/v1/payout_batches', batch));
}

/** Takes from the modules' roles what tenants are to read as themselves: whoever tries is refused by PostgreSQL (42501). */
async function takeAway(): Promise<readonly string[]> {
  const tables = await harness.superuser.query<{ name: string; role: string }>(
    `SELECT n.nspname || '.' || c.relname AS name, 'sankofa_' || n.nspname AS role FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relrowsecurity AND n.nspname = ANY($1)`,
    [TENANT_MODULES],
  );
  for (const { name, role } of tables) await harness.superuser.query(`REVOKE SELECT ON ${name} FROM ${role}`);
  return tables.map(({ name }) => name);
}

beforeAll(async () => {
  harness = await createHarness();
  program = await startProgram({
    env: { DATABASE_URL: harness.superuser.url, MERCHANT_RATE_PER_SECOND: '1000', MERCHANT_BURST: '2000' },
    role: 'http',
  });
  admin = createApiClient(program.url, await keyOf(null));
  merchant = admin.withKey(await keyOf(merchantId));
  others = [admin.withKey(await keyOf(merchantId, true)), admin.withKey(await keyOf(newUuid()))];
  const { body } = await merchant.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json');
  routes = Object.entries(body.paths).flatMap(([path, methods]) =>
    path.startsWith('/v1/') && methods['get'] !== undefined ? [path] : [],
  );
  await fill();
}, TIMEOUT_MS);

afterAll(async () => {
  await program?.stop();
  await harness.close();
});

/** The path with an id of the merchant's in it. */
function filledIn(route: string): string {
  const [collection = ''] = route.split('/{id}');
  const id = ids.get(collection);
  if (route.includes('{id}') && id === undefined)
    throw new Error(`GET ${route} is new: put something into fill() that it can show`);
  const account = ids.get('/v1/ledger/accounts') ?? '';
  const entry = encodeEntryId(decodeId('account', account) ?? '', 1n);
  return route
    .replace('{id}', id ?? '')
    .replace('{account}', account)
    .replace('{entry}', entry);
}

const waysOf = (route: string): readonly string[] =>
  ['', ...(ASKED_OTHERWISE[route] ?? [])].map((query) => filledIn(`${route}${query}`));

const contentOf = ({ body, text }: ApiAnswer<{ data?: readonly unknown[] }>): number | string =>
  body.data === undefined ? text : body.data.length;

describe('everything that merchants read', () => {
  it('is known here', () => {
    expect(routes.length).toBeGreaterThan(20);
    for (const route of routes) expect(waysOf(route).join()).not.toContain('{');
  });

  it('is read as the merchant alone, of whom others see nothing', async () => {
    const before = new Map<string, ApiAnswer>();
    const ways = routes.flatMap(waysOf);
    for (const way of ways) before.set(way, await merchant.get(way));
    expect((await takeAway()).length).toBeGreaterThan(20);
    const answers = await Promise.all(ways.map(async (way) => [way, await merchant.get(way)] as const));
    for (const [way, answer] of answers) {
      expect([way, answer.status, answer.text]).toEqual([way, 200, answer.text]);
      expect([way, contentOf(answer)]).not.toEqual([way, 0]);
      expect([way, contentOf(before.get(way) ?? answer)]).not.toEqual([way, 0]);
    }
    for (const other of others)
      for (const route of routes.filter((each) => !OF_EVERYBODY.includes(each)))
        for (const way of waysOf(route)) {
          const answer = await other.get(way);
          if (route.includes('{id}')) expect([way, answer.status]).toEqual([way, 404]);
          else expect([way, answer.status, contentOf(answer)]).toEqual([way, 200, 0]);
        }
  });

  it('would be found out if it were read under the role of a module, as operators do', async () => {
    for (const path of [
      '/admin/v1/ledger/accounts?livemode=false',
      '/admin/v1/payments?livemode=false',
      '/admin/v1/payouts?livemode=false',
    ])
      expect([path, (await admin.get(path)).status]).toEqual([path, 500]);
  });
});
