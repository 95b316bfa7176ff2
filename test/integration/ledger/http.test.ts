import { generateKey, type KeyKind } from '../../../src/kernel/access/key-format.js';
import { decodeId, encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { transferIdOf } from '../../../src/modules/ledger/transfer-id.js';
import { paymentSucceeded } from '../../../src/contracts/payments.events.js';
import { createApiClient, type ApiClient } from '../../support/api-client.js';
import { startProgram, type Program } from '../../support/program.js';
import { createHarness, type LedgerHarness } from './harness.js';

let harness: LedgerHarness;
let program: Program;
let admin: ApiClient;
let merchant: ApiClient;
let stranger: ApiClient;
let live: ApiClient;

const merchantId = newUuid();
const strangerId = newUuid();
const gatewayAccountId = newUuid();
const payments = Array.from({ length: 25 }, () => ({ paymentId: newUuid(), attemptId: newUuid() }));

/** A key as the kernel's access projection has it after auth announced it. */
async function key(kind: KeyKind, owner: string | null): Promise<string> {
  const generated = generateKey(kind);
  await harness.superuser.query(
    `INSERT INTO access.credential (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      newUuid(),
      kind === 'admin' ? 'admin' : 'merchant',
      generated.hash,
      owner,
      owner === null ? null : kind === 'merchant_live',
      owner === null ? null : 50,
    ],
  );
  return generated.secret;
}

async function bookPayments(): Promise<void> {
  const { database, bookCollections } = harness.process();
  const events = payments.map(({ paymentId, attemptId }, index) => ({
    id: newUuid(),
    type: paymentSucceeded.type,
    aggregateType: 'payment',
    aggregateId: paymentId,
    merchantId,
    payload: {
      payment_id: paymentId,
      livemode: false,
      amount: 1_000 + index,
      currency: 'NGN',
      gateway: 'paystack',
      gateway_account_id: gatewayAccountId,
      attempt_id: attemptId,
      gateway_fee: 15,
      platform_fee: 5,
      succeeded_at: '2026-02-01T00:00:00.000Z',
      resource: {},
    },
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(),
  }));
  await database.transaction((tx) => bookCollections.handle(tx, events));
}

beforeAll(async () => {
  harness = await createHarness();
  await bookPayments();
  const keys = {
    merchant: await key('merchant_test', merchantId),
    live: await key('merchant_live', merchantId),
    stranger: await key('merchant_test', strangerId),
    admin: await key('admin', null),
  };
  program = await startProgram({ env: { DATABASE_URL: harness.superuser.url }, role: 'http', modules: ['ledger'] });
  merchant = createApiClient(program.url, keys.merchant);
  live = merchant.withKey(keys.live);
  stranger = merchant.withKey(keys.stranger);
  admin = merchant.withKey(keys.admin);
});

afterAll(async () => {
  await program?.stop();
  await harness.close();
});

interface List {
  data: Record<string, unknown>[];
  has_more: boolean;
}

async function pendingAccount(): Promise<string> {
  const { body } = await merchant.get<List>('/v1/ledger/accounts');
  return String(body.data[0]?.['id']);
}

/** 1000 + 1001 + … + 1024, less 5 each. */
const PENDING = 25 * 1_000 + 300 - 125;

describe('GET /v1/balances', () => {
  it('tells what we hold, per currency, in integers', async () => {
    const { status, body } = await merchant.get('/v1/balances');
    expect(status).toBe(200);
    expect(body).toEqual({
      object: 'list',
      data: [{ object: 'balance', livemode: false, currency: 'NGN', pending: PENDING, available: 0, reserved: 0 }],
      has_more: false,
    });
  });

  it('tells nothing to another merchant, nor in the other mode', async () => {
    for (const client of [stranger, live])
      expect((await client.get('/v1/balances')).body).toEqual({ object: 'list', data: [], has_more: false });
  });

  it('refuses callers without a key and admin keys', async () => {
    expect((await merchant.withKey(undefined).get('/v1/balances')).status).toBe(401);
    expect((await admin.get('/v1/balances')).status).toBe(403);
  });
});

describe('GET /v1/ledger/accounts', () => {
  it("lists and shows the merchant's own accounts and none of the platform's", async () => {
    const { body } = await merchant.get<List>('/v1/ledger/accounts');
    expect(body.data).toHaveLength(1);
    const [account] = body.data;
    expect(account).toMatchObject({
      object: 'ledger_account',
      livemode: false,
      kind: 'merchant_pending',
      currency: 'NGN',
      normal_side: 'credit',
      debits: 125,
      credits: 25_300,
      balance: PENDING,
    });
    expect((await merchant.get(`/v1/ledger/accounts/${String(account?.['id'])}`)).body).toEqual(account);
  });

  it('knows no account of anybody else, of the other mode, or of a malformed id', async () => {
    const id = await pendingAccount();
    const [clearing] = await harness.superuser.query<{ id: string }>(
      `SELECT id FROM ledger.account WHERE kind = 'gateway_clearing'`,
    );
    const foreign = encodeId('account', clearing?.id ?? '');
    const asked: [ApiClient, string][] = [
      [stranger, id],
      [live, id],
      [merchant, foreign],
      [merchant, encodeId('account', newUuid())],
      [merchant, 'acct_nonsense'],
      [merchant, id.replace('acct_', 'pay_')],
    ];
    for (const [client, path] of asked) {
      for (const suffix of ['', '/entries']) {
        const { status, body } = await client.get(`/v1/ledger/accounts/${path}${suffix}`);
        expect([status, body['code']]).toEqual([404, 'ledger.account_not_found']);
      }
    }
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'starting_after=nonsense', 'surprise=1'])(
    'refuses ?%s',
    async (query) => {
      const { status, headers } = await merchant.get(`/v1/ledger/accounts?${query}`);
      expect(status).toBe(400);
      expect(headers.get('content-type')).toContain('application/problem+json');
    },
  );
});

describe('the statement', () => {
  it('shows entries newest first with the balance each left', async () => {
    const id = await pendingAccount();
    const { body } = await merchant.get<List>(`/v1/ledger/accounts/${id}/entries?limit=2`);
    expect(body.has_more).toBe(true);
    const last = payments.at(-1);
    const shared = {
      object: 'ledger_entry',
      account_id: id,
      payment_id: encodeId('payment', last?.paymentId ?? ''),
      effective_at: '2026-02-01T00:00:00.000Z',
    };
    expect(body.data).toMatchObject([
      { ...shared, version: 50, kind: 'platform_fee', direction: 'debit', amount: 5, balance: PENDING },
      { ...shared, version: 49, kind: 'collection', direction: 'credit', amount: 1_024, balance: PENDING + 5 },
    ]);
    expect(body.data[1]?.['transfer_id']).toBe(encodeId('transfer', transferIdOf(last?.attemptId ?? '', 'capture')));
  });

  it('pages through everything, forwards and back', async () => {
    const id = await pendingAccount();
    const path = `/v1/ledger/accounts/${id}/entries?limit=15`;
    const versions: unknown[] = [];
    const pages: List[] = [];
    for (let cursor = ''; ;) {
      const { body } = await merchant.get<List>(`${path}${cursor}`);
      pages.push(body);
      versions.push(...body.data.map((entry) => entry['version']));
      if (!body.has_more) break;
      cursor = `&starting_after=${String(body.data.at(-1)?.['id'])}`;
    }
    expect(versions).toEqual(Array.from({ length: 50 }, (_, index) => 50 - index));
    const third = pages[2];
    const { body: back } = await merchant.get<List>(`${path}&ending_before=${String(third?.data[0]?.['id'])}`);
    expect(back).toEqual(pages[1]);
    const { body: top } = await merchant.get<List>(`${path}&ending_before=${String(pages[0]?.data[3]?.['id'])}`);
    expect(top).toEqual({ object: 'list', data: pages[0]?.data.slice(0, 3), has_more: false });
  });

  it('refuses a cursor of another account, a malformed one, and two at once', async () => {
    const id = await pendingAccount();
    const own = `ent_${id.slice(5)}_7`;
    const foreign = `ent_${encodeId('account', newUuid()).slice(5)}_7`;
    const queries = [
      `starting_after=${foreign}`,
      'starting_after=ent_7',
      `starting_after=ent_${id.slice(5)}_99999999999999999999`,
      `starting_after=${own}&ending_before=${own}`,
    ];
    for (const query of queries) {
      const { status, body } = await merchant.get(`/v1/ledger/accounts/${id}/entries?${query}`);
      expect([query, status, body['code']]).toEqual([query, 400, 'request.invalid_parameter']);
    }
  });
});

interface TrialBalance {
  livemode: boolean | null;
  entries_agree?: boolean;
  data: {
    currency: string;
    livemode: boolean;
    debits: number;
    credits: number;
    difference: number;
    accounts: Record<string, unknown>[];
  }[];
}

describe('GET /admin/v1/ledger/trial_balance', () => {
  it('sums all accounts and finds no difference, and can prove the accounts by their entries', async () => {
    const { status, body } = await admin.get<TrialBalance>('/admin/v1/ledger/trial_balance?verify=true');
    expect(status).toBe(200);
    expect(body).toMatchObject({ object: 'trial_balance', livemode: null, entries_agree: true });
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({
      currency: 'NGN',
      livemode: false,
      debits: 25_300 + 375 + 125,
      credits: 25_300 + 375 + 125,
      difference: 0,
    });
    const accounts = body.data[0]?.accounts ?? [];
    expect(
      accounts.map((row) => [
        row['kind'],
        row['qualifier'],
        row['merchant_id'],
        row['debits'],
        row['credits'],
        row['balance'],
      ]),
    ).toEqual([
      ['gateway_clearing', encodeId('gatewayAccount', gatewayAccountId), null, 25_300, 375, 24_925],
      ['gateway_fees', '', null, 375, 0, 375],
      ['merchant_pending', '', encodeId('merchant', merchantId), 125, 25_300, PENDING],
      ['platform_fees', '', null, 0, 125, 125],
    ]);
    for (const row of accounts) expect(decodeId('account', String(row['id']))).toBeDefined();
  });

  it('shows one mode when asked', async () => {
    expect((await admin.get<TrialBalance>('/admin/v1/ledger/trial_balance?livemode=true')).body).toMatchObject({
      livemode: true,
      data: [],
    });
    const { body } = await admin.get<TrialBalance>('/admin/v1/ledger/trial_balance?livemode=false');
    expect(body.data).toHaveLength(1);
    expect(body).not.toHaveProperty('entries_agree');
  });

  it('is for admins only, and refuses parameters it does not know', async () => {
    expect((await merchant.get('/admin/v1/ledger/trial_balance')).status).toBe(403);
    expect((await admin.get('/admin/v1/ledger/trial_balance?livemode=maybe')).status).toBe(400);
    expect((await admin.get('/admin/v1/ledger/trial_balance?verify=1')).status).toBe(400);
  });
});
