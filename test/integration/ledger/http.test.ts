import { generateKey, type KeyKind } from '../../../src/kernel/access/key-format.js';
import { decodeId, encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { transferIdOf } from '../../../src/modules/ledger/transfers/transfer-id.js';
import { paymentSucceeded } from '../../../src/contracts/payments.events.js';
import { createApiClient, type ApiClient } from '../../support/api-client.js';
import { startProgram, type Program } from '../../support/program.js';
import { asked, CAPTURED_BY, collect, take, told, type Asked } from './disbursement-events.js';
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
const strangersGateway = newUuid();
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

/** Of the stranger, oldest first: 25 that are held, one that was posted, one that failed, one that was refused. */
const payouts = Array.from({ length: 28 }, (_, index) =>
  asked(strangerId, index === 27 ? 1_000_000 : 10, {
    kind: index % 2 === 0 ? 'payout' : 'refund',
    gatewayAccountId: strangersGateway,
  }),
);
const nth = (index: number): Asked => payouts[index] ?? asked(strangerId, 1);

async function holdMoney(): Promise<void> {
  const ledger = harness.process();
  await collect(ledger, strangerId, 1_000, strangersGateway, { attempt_id: CAPTURED_BY });
  await take(
    ledger,
    payouts.map((each) => told(each, 'created')),
  );
  await take(ledger, [told(nth(25), 'succeeded'), told(nth(26), 'failed')]);
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
  await holdMoney();
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
      data: [
        {
          object: 'balance',
          livemode: false,
          currency: 'NGN',
          pending: PENDING,
          available: 0,
          reserved: 0,
          rolling_reserve: 0,
        },
      ],
      has_more: false,
    });
  });

  it('shows what is held as reserved and not where it is held, so that together it is what is owed', async () => {
    const { body } = await stranger.get<List>('/v1/balances');
    const parts = { pending: 1_000 - 10 - 250, available: 0, reserved: 250, rolling_reserve: 0 };
    expect(body.data).toEqual([{ object: 'balance', livemode: false, currency: 'GHS', ...parts }]);
  });

  it("tells nothing of another merchant's, nor in the other mode", async () => {
    expect((await live.get('/v1/balances')).body).toEqual({ object: 'list', data: [], has_more: false });
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

describe('GET /v1/ledger/holds', () => {
  it("lists a merchant's holds, newest first, with what each is for", async () => {
    const { status, body } = await stranger.get<List>('/v1/ledger/holds?limit=3');
    expect(status).toBe(200);
    expect(body.has_more).toBe(true);
    const common = { object: 'ledger_hold', livemode: false, currency: 'GHS' };
    const [refund, payout] = [27, 26].map((index) => nth(index).id);
    expect(body.data).toEqual(
      [
        {
          ...common,
          status: 'refused',
          amount: 1_000_000,
          refund_id: encodeId('refund', refund ?? ''),
          payout_id: null,
        },
        { ...common, status: 'voided', amount: 10, refund_id: null, payout_id: encodeId('payout', payout ?? '') },
        { ...common, status: 'posted', amount: 10, refund_id: encodeId('refund', nth(25).id), payout_id: null },
      ].map((row, index) => ({
        ...row,
        id: encodeId('hold', nth(27 - index).id),
        created_at: expect.stringMatching(/Z$/),
        ended_at: expect.stringMatching(/Z$/),
      })),
    );
  });

  it('lists those of one status, and pages through them, forwards and back', async () => {
    const path = '/v1/ledger/holds?status=pending&limit=10';
    const first = (await stranger.get<List>(path)).body;
    expect(first.data.map((row) => row['id'])).toEqual(
      Array.from({ length: 10 }, (_, index) => encodeId('hold', nth(24 - index).id)),
    );
    expect(first.data[0]).toMatchObject({ status: 'pending', ended_at: null });
    const second = (await stranger.get<List>(`${path}&starting_after=${String(first.data.at(-1)?.['id'])}`)).body;
    const third = (await stranger.get<List>(`${path}&starting_after=${String(second.data.at(-1)?.['id'])}`)).body;
    expect([second.data.length, second.has_more, third.data.length, third.has_more]).toEqual([10, true, 5, false]);
    const back = (await stranger.get<List>(`${path}&ending_before=${String(third.data[0]?.['id'])}`)).body;
    expect(back).toEqual(second);
    for (const status of ['posted', 'voided', 'refused'])
      expect((await stranger.get<List>(`/v1/ledger/holds?status=${status}`)).body.data).toHaveLength(1);
  });

  it('lists none of anybody else, and refuses what it does not know', async () => {
    for (const client of [merchant, live]) expect((await client.get<List>('/v1/ledger/holds')).body.data).toEqual([]);
    expect((await admin.get('/v1/ledger/holds')).status).toBe(403);
    for (const query of ['status=open', 'starting_after=hold_1', `starting_after=${encodeId('payout', nth(0).id)}`])
      expect((await stranger.get(`/v1/ledger/holds?${query}`)).status).toBe(400);
  });

  it('shows the money in the statement as of the refund or payout, and what is pending with the account', async () => {
    const { body: accounts } = await stranger.get<List>('/v1/ledger/accounts');
    const account = accounts.data.find((row) => row['kind'] === 'merchant_pending');
    expect(account).toMatchObject({ balance: 990, pending_debits: 250, pending_credits: 0 });
    const { body } = await stranger.get<List>(`/v1/ledger/accounts/${String(account?.['id'])}/entries?limit=1`);
    expect(body.data).toMatchObject([
      { kind: 'refund', amount: 10, payment_id: null, refund_id: encodeId('refund', nth(25).id), payout_id: null },
    ]);
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
    expect(body).toMatchObject({ object: 'trial_balance', livemode: null, entries_agree: true, holds_agree: true });
    expect(body.data.map(({ currency }) => currency)).toEqual(['GHS', 'NGN']);
    expect(body.data[1]).toMatchObject({
      currency: 'NGN',
      livemode: false,
      debits: 25_300 + 375 + 125,
      credits: 25_300 + 375 + 125,
      difference: 0,
    });
    const accounts = body.data[1]?.accounts ?? [];
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

  it('shows what is held, once on either side', async () => {
    const { body } = await admin.get<TrialBalance>('/admin/v1/ledger/trial_balance');
    expect(body.data[0]).toMatchObject({ difference: 0, pending_debits: 250, pending_credits: 250 });
    expect(
      body.data[0]?.accounts.map((row) => [row['kind'], row['balance'], row['pending_debits'], row['pending_credits']]),
    ).toEqual([
      ['gateway_clearing', 990, 0, 0],
      ['merchant_available', 0, 0, 0],
      ['merchant_pending', 990, 250, 0],
      ['merchant_reserved', 0, 0, 250],
    ]);
  });

  it('shows one mode when asked', async () => {
    expect((await admin.get<TrialBalance>('/admin/v1/ledger/trial_balance?livemode=true')).body).toMatchObject({
      livemode: true,
      data: [],
    });
    const { body } = await admin.get<TrialBalance>('/admin/v1/ledger/trial_balance?livemode=false');
    expect(body.data).toHaveLength(2);
    expect(body).not.toHaveProperty('entries_agree');
  });

  it('is for admins only, and refuses parameters it does not know', async () => {
    expect((await merchant.get('/admin/v1/ledger/trial_balance')).status).toBe(403);
    expect((await admin.get('/admin/v1/ledger/trial_balance?livemode=maybe')).status).toBe(400);
    expect((await admin.get('/admin/v1/ledger/trial_balance?verify=1')).status).toBe(400);
  });
});
