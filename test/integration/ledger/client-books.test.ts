import { generateKey } from '../../../src/kernel/access/key-format.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { createApiClient, type ApiAnswer, type ApiClient } from '../../support/api-client.js';
import { startProgram, type Program } from '../../support/program.js';
import { collect } from './disbursement-events.js';
import { createHarness, disagreements, type LedgerHarness } from './harness.js';

let harness: LedgerHarness;
let program: Program;
let merchant: ApiClient;
let stranger: ApiClient;
let admin: ApiClient;
const merchantId = newUuid();

async function key(owner: string | null): Promise<string> {
  const generated = generateKey(owner === null ? 'admin' : 'merchant_test');
  await harness.superuser.query(
    `INSERT INTO access.credential (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps)
     VALUES ($1, CASE WHEN $3::uuid IS NULL THEN 'admin' ELSE 'merchant' END, $2, $3, CASE WHEN $3 IS NOT NULL THEN false END, CASE WHEN $3 IS NOT NULL THEN 50 END)`,
    [newUuid(), generated.hash, owner],
  );
  return generated.secret;
}

beforeAll(async () => {
  harness = await createHarness();
  await collect(harness.process(), merchantId, 500, newUuid());
  const keys = { merchant: await key(merchantId), stranger: await key(newUuid()), admin: await key(null) };
  program = await startProgram({ env: { DATABASE_URL: harness.superuser.url }, role: 'http', modules: ['ledger'] });
  merchant = createApiClient(program.url, keys.merchant);
  stranger = merchant.withKey(keys.stranger);
  admin = merchant.withKey(keys.admin);
});

afterAll(async () => {
  await program?.stop();
  await harness.close();
});

let codes = 0;

function send(path: string, body: unknown, by = merchant, idempotencyKey: string = newUuid()): Promise<ApiAnswer> {
  return by.post(path, body, { idempotencyKey });
}

async function open(more: Record<string, unknown> = {}, by = merchant): Promise<string> {
  codes += 1;
  const body = { code: `c-${codes}`, name: `Account ${codes}`, currency: 'GHS', normal_side: 'credit', ...more };
  const answer = await send('/v1/ledger/accounts', body, by);
  expect(answer).toMatchObject({ status: 201, body: { object: 'ledger_account', kind: 'client', state: 'open' } });
  return String(answer.body['id']);
}

const move = (debit: string, credit: string, amount: number, more: Record<string, unknown> = {}): Promise<ApiAnswer> =>
  send('/v1/ledger/transfers', { debit_account_id: debit, credit_account_id: credit, amount, ...more });

async function balanceOf(id: string): Promise<unknown> {
  return (await merchant.get(`/v1/ledger/accounts/${id}`)).body['balance'];
}

describe("a merchant's own accounts", () => {
  it('have a code of their own in their currency, and are found by what is known of them', async () => {
    const body = {
      code: 'wallet-ama',
      name: 'Ama Mensah',
      currency: 'GHS',
      normal_side: 'credit',
      metadata: { tier: 'gold' },
    };
    const answer = await send('/v1/ledger/accounts', body, merchant, 'open-ama');
    const again = await send('/v1/ledger/accounts', body, merchant, 'open-ama');
    expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([201, answer.text, 'true']);
    const { id } = answer.body;
    expect(await send('/v1/ledger/accounts', { ...body, name: 'Other' })).toMatchObject({
      status: 409,
      body: { code: 'ledger.duplicate_code', account_id: id },
    });
    for (const name of ['   ', 'Ama\u202egnas']) {
      const refused = await send('/v1/ledger/accounts', { ...body, code: 'unread', name });
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/name' }] } });
    }
    await open({ code: 'wallet-ama', currency: 'XOF' });
    expect(await merchant.post('/v1/ledger/accounts', body)).toMatchObject({ status: 400 });
    for (const filter of ['code=wallet-ama&currency=GHS', 'name=ama+m', 'metadata=tier:gold']) {
      const list = await merchant.get<{ data: { id: string }[] }>(`/v1/ledger/accounts?${filter}`);
      expect(list.body.data.map((each) => each.id)).toEqual([id]);
    }
    // A letter that not every database knows the small one of.
    const epicerie = await open({ name: 'Épicerie', metadata: { kind: 'shop' } });
    for (const filter of ['', '&metadata=kind:shop']) {
      const name = encodeURIComponent('Épi');
      const list = await merchant.get<{ data: { id: string }[] }>(`/v1/ledger/accounts?name=${name}${filter}`);
      expect(list.body.data.map((each) => each.id)).toEqual([epicerie]);
    }
    const none = await stranger.get<{ data: unknown[] }>('/v1/ledger/accounts?name=ama');
    expect(none.body.data).toEqual([]);
    const system = await merchant.get<{ data: { kind: string }[] }>('/v1/ledger/accounts?kind=merchant_pending');
    expect(system.body.data.map(({ kind }) => kind)).toEqual(['merchant_pending']);
    expect(await merchant.get(`/v1/ledger/accounts/${String(id)}`)).toMatchObject({
      body: { code: 'wallet-ama', name: 'Ama Mensah', metadata: { tier: 'gold' } },
    });
  });

  it('are frozen with a reason, and closed when they are empty', async () => {
    const [a, b] = [await open(), await open()];
    await move(a, b, 5);
    const frozen = await merchant.post(`/v1/ledger/accounts/${b}/freeze`, { reason: 'asked by the police' });
    expect(frozen).toMatchObject({
      status: 200,
      body: { state: 'frozen', state_change: { reason: 'asked by the police', by: 'merchant' } },
    });
    expect(await move(a, b, 1)).toMatchObject({ status: 409, body: { code: 'ledger.account_frozen' } });
    expect(await stranger.post(`/v1/ledger/accounts/${b}/unfreeze`, { reason: 'x' })).toMatchObject({ status: 404 });
    await merchant.post(`/v1/ledger/accounts/${b}/unfreeze`, { reason: 'settled' });
    expect(await merchant.post(`/v1/ledger/accounts/${b}/close`, { reason: 'left' })).toMatchObject({
      status: 409,
      body: { code: 'ledger.account_not_empty' },
    });
    await move(b, a, 5);
    expect(await merchant.post(`/v1/ledger/accounts/${b}/close`, { reason: 'left' })).toMatchObject({ status: 200 });
    expect(await move(a, b, 1)).toMatchObject({ status: 409, body: { code: 'ledger.account_closed' } });
  });

  it('stay frozen when an operator has frozen them, until an operator opens them', async () => {
    const [a, b] = [await open(), await open()];
    expect(await admin.post(`/admin/v1/ledger/accounts/${a}/freeze`, { reason: 'court order' })).toMatchObject({
      status: 200,
      body: { state: 'frozen', state_change: { reason: 'court order', by: 'operator' } },
    });
    expect(await merchant.post(`/v1/ledger/accounts/${a}/unfreeze`, { reason: 'please' })).toMatchObject({
      status: 409,
      body: { code: 'ledger.account_held_by_operator' },
    });
    expect(await move(a, b, 1)).toMatchObject({ status: 409 });
    expect(await merchant.post(`/admin/v1/ledger/accounts/${a}/unfreeze`, { reason: 'x' })).toMatchObject({
      status: 403,
    });
    await admin.post(`/admin/v1/ledger/accounts/${a}/unfreeze`, { reason: 'lifted' });
    expect(await move(a, b, 1)).toMatchObject({ status: 201 });
    expect(await admin.post(`/admin/v1/ledger/accounts/${a}/freeze`, {})).toMatchObject({ status: 422 });
  });

  it('are all that a merchant may move, rename or close', async () => {
    const list = await merchant.get<{ data: { id: string }[] }>('/v1/ledger/accounts?kind=merchant_pending');
    const system = list.body.data[0]?.id ?? '';
    const own = await open({ currency: 'NGN' });
    const theirs = await open({ currency: 'NGN' }, stranger);
    expect(await move(system, own, 1)).toMatchObject({ status: 422, body: { code: 'ledger.system_account' } });
    expect(await move(own, system, 1)).toMatchObject({ status: 422, body: { code: 'ledger.system_account' } });
    expect(await move(theirs, own, 1)).toMatchObject({ status: 404, body: { code: 'ledger.account_not_found' } });
    const batch = { atomic: false, transfers: [{ debit_account_id: own, credit_account_id: system, amount: 1 }] };
    expect(await send('/v1/ledger/transfer_batches', batch)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/transfers/0/credit_account_id', code: 'system_account' }] },
    });
    expect(await merchant.post(`/v1/ledger/accounts/${system}/freeze`, { reason: 'x' })).toMatchObject({ status: 422 });
  });
});

describe("a merchant's own transfers", () => {
  it('are made once however often they are asked for', async () => {
    const [a, b] = [await open(), await open()];
    const body = { debit_account_id: a, credit_account_id: b, amount: 70, kind: 'top_up', subject: 'order-1' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send('/v1/ledger/transfers', body, merchant, 'once')),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 201,
      body: { status: 'posted', phase: 'single', amount: 70, currency: 'GHS' },
    });
    expect(await balanceOf(b)).toBe(70);
    expect(await send('/v1/ledger/transfers', { ...body, amount: 71 }, merchant, 'once')).toMatchObject({
      status: 422,
    });
    for (const filter of ['subject=order-1', `account=${a}`, `account=${b}&kind=top_up`, 'kind=top_up&phase=single']) {
      const list = await merchant.get<{ data: { id: string }[] }>(`/v1/ledger/transfers?${filter}`);
      expect(list.body.data.map(({ id }) => id)).toEqual([answers[0]?.body['id']]);
    }
    expect(await stranger.get(`/v1/ledger/transfers/${String(answers[0]?.body['id'])}`)).toMatchObject({ status: 404 });
  });

  it('are refused where a limit is in the way, and use up no key', async () => {
    const [bank, wallet] = [
      await open({ normal_side: 'debit' }),
      await open({ limit_mode: 'debits_must_not_exceed_credits' }),
    ];
    const body = { debit_account_id: wallet, credit_account_id: bank, amount: 30 };
    expect(await send('/v1/ledger/transfers', body, merchant, 'later')).toMatchObject({
      status: 422,
      body: { code: 'ledger.limit_exceeded' },
    });
    await move(bank, wallet, 50);
    expect(await send('/v1/ledger/transfers', body, merchant, 'later')).toMatchObject({ status: 201 });
    expect(await balanceOf(wallet)).toBe(20);
  });

  it('are held, then posted in part, voided, and reversed no further than they went', async () => {
    const [a, b] = [await open({ normal_side: 'debit' }), await open()];
    const held = await move(a, b, 100, { pending: true, expires_at: '2100-01-01T00:00:00Z' });
    expect(held).toMatchObject({ status: 201, body: { status: 'pending', expires_at: '2100-01-01T00:00:00.000Z' } });
    const at = `/v1/ledger/transfers/${String(held.body['id'])}`;
    expect((await merchant.get(`/v1/ledger/accounts/${b}`)).body).toMatchObject({ balance: 0, pending_credits: 100 });
    expect(await send(`${at}/post`, { amount: 101 })).toMatchObject({
      status: 422,
      body: { outcome: 'exceeds_pending' },
    });
    expect(await send(`${at}/post`, { amount: 60 }, stranger)).toMatchObject({ status: 404 });
    const posted = await send(`${at}/post`, { amount: 60 });
    expect(posted).toMatchObject({ status: 201, body: { phase: 'post', amount: 60, pending_id: held.body['id'] } });
    expect(await send(`${at}/void`, {})).toMatchObject({ status: 409, body: { outcome: 'pending_posted' } });
    expect((await merchant.get(at)).body).toMatchObject({ status: 'posted', amount: 100, posted_amount: 60 });
    expect((await merchant.get(`/v1/ledger/accounts/${b}`)).body).toMatchObject({ balance: 60, pending_credits: 0 });

    const back = `/v1/ledger/transfers/${String(posted.body['id'])}/reverse`;
    expect(await send(back, { amount: 45, description: 'too much' })).toMatchObject({
      status: 201,
      body: { phase: 'reverse' },
    });
    expect(await send(back, { amount: 16, description: 'too much' })).toMatchObject({
      status: 422,
      body: { code: 'ledger.exceeds_transfer' },
    });
    expect(await send(back, { amount: 15, description: 'the rest' })).toMatchObject({ status: 201 });
    expect(await balanceOf(b)).toBe(0);

    const other = await move(a, b, 9, { pending: true });
    const voided = await send(`/v1/ledger/transfers/${String(other.body['id'])}/void`, {});
    expect(voided).toMatchObject({ status: 201, body: { phase: 'void', status: 'voided' } });
  });

  it('are made many at once, all or none, or each for itself', async () => {
    const [a, b, limited] = [await open(), await open(), await open({ limit_mode: 'debits_must_not_exceed_credits' })];
    const transfers = [
      { debit_account_id: a, credit_account_id: b, amount: 1 },
      { debit_account_id: limited, credit_account_id: b, amount: 1 },
      { debit_account_id: a, credit_account_id: limited, amount: 5 },
    ];
    expect(await send('/v1/ledger/transfer_batches', { transfers })).toMatchObject({
      status: 422,
      body: { code: 'ledger.batch_refused', errors: [{ pointer: '/transfers/1', code: 'limit_exceeded' }] },
    });
    expect(await balanceOf(b)).toBe(0);
    const each = await send('/v1/ledger/transfer_batches', { atomic: false, transfers });
    expect(each).toMatchObject({ status: 201, body: { count: 3, refused: 1 } });
    expect((each.body['results'] as { outcome: string }[]).map(({ outcome }) => outcome)).toEqual([
      'posted',
      'limit_exceeded',
      'posted',
    ]);
    const all = await send('/v1/ledger/transfer_batches', {
      transfers: Array.from({ length: 1_000 }, () => transfers[0]),
    });
    expect(all).toMatchObject({ status: 201, body: { count: 1_000, refused: 0 } });
    expect(await balanceOf(b)).toBe(1_001);
    expect(await disagreements(harness.process())).toBe(0n);
  });
});

describe('a statement', () => {
  it('goes from what stood there to what stands there, page by page, and as of any moment', async () => {
    const [a, b] = [await open({ normal_side: 'debit' }), await open()];
    for (const amount of [10, 20, 30]) await move(a, b, amount, { effective_at: `2026-0${amount / 10}-01T12:00:00Z` });
    await move(b, a, 5);
    interface View {
      to: string;
      opening_balance: number;
      closing_balance: number;
      entries: number;
      page: Record<string, number>;
      data: { id: string; amount: number; balance: number; created_at: string }[];
      has_more: boolean;
    }
    const first = await merchant.get<View>(`/v1/ledger/accounts/${b}/statement?limit=3`);
    expect(first.body).toMatchObject({
      opening_balance: 0,
      closing_balance: 55,
      entries: 4,
      page: { opening_balance: 0, debits: 0, credits: 60, closing_balance: 60 },
      has_more: true,
    });
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    await move(a, b, 7);
    const second = await merchant.get<View>(next);
    expect(second.body).toMatchObject({
      closing_balance: 55,
      entries: 4,
      page: { opening_balance: 60, debits: 5, credits: 0, closing_balance: 55 },
      has_more: false,
    });
    const booked = first.body.data[1]?.created_at ?? '';
    const upTo = await merchant.get<View>(`/v1/ledger/accounts/${b}/statement?to=${booked}`);
    const from = await merchant.get<View>(`/v1/ledger/accounts/${b}/statement?from=${booked}`);
    expect(from.body.opening_balance).toBe(upTo.body.closing_balance);
    expect(from.body.opening_balance + (from.body.page['credits'] ?? 0) - (from.body.page['debits'] ?? 0)).toBe(62);
    const asOf = await merchant.get(`/v1/ledger/accounts/${b}/balance?as_of=${booked}`);
    expect(asOf.body['balance']).toBe(upTo.body.closing_balance);
    for (const [day, balance] of [
      ['2025-12-31', 0],
      ['2026-01-01', 10],
      ['2026-02-28', 30],
      ['2026-03-01', 60],
    ] as const) {
      const answer = await merchant.get(`/v1/ledger/accounts/${b}/balance?effective_on=${day}`);
      expect(answer.body['balance']).toBe(balance);
    }
    expect(await stranger.get(`/v1/ledger/accounts/${b}/statement`)).toMatchObject({ status: 404 });
  });

  it('comes as CSV that proves itself', async () => {
    const [a, b] = [await open({ normal_side: 'debit' }), await open()];
    await move(a, b, 10);
    await move(b, a, 4);
    const csv = await merchant.get(`/v1/ledger/accounts/${b}/statement`, { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const rows = csv.text
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','));
    expect(rows.map((cells) => [cells[3], cells[4], cells[5], cells[6]])).toEqual([
      ['kind', 'direction', 'amount', 'balance'],
      ['opening_balance', '', '', '0'],
      ['transfer', 'credit', '10', '10'],
      ['transfer', 'debit', '4', '6'],
      ['closing_balance', '', '', '6'],
    ]);
    const same = await merchant.get(`/v1/ledger/accounts/${b}/statement?format=csv`);
    expect(same.text).toBe(csv.text);
  });
});
