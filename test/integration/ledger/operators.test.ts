/** The books as operators read them: accounts of all merchants and of the platform, statements, transfers with both their sides, as JSON and as CSV. */
import { generateKey, type KeyKind } from '../../../src/kernel/access/key-format.js';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { writePublicKey } from '../../../src/modules/ledger/proof/chain/head.js';
import { createApiClient, type ApiAnswer, type ApiClient } from '../../support/api-client.js';
import { must } from '../../support/person.js';
import { startProgram, type Program } from '../../support/program.js';
import { asked, CAPTURED_BY, collect, take, told, type Asked } from './disbursement-events.js';
import { createHarness, type LedgerHarness } from './harness.js';
import { chainerOf, KEY } from './proof-harness.js';

const ACCOUNTS = '/admin/v1/ledger/accounts';

interface Account {
  readonly id: string;
  readonly kind: string;
  readonly currency: string;
  readonly merchant_id: string | null;
  readonly state: string;
}
interface List {
  readonly data: readonly Account[];
  readonly has_more: boolean;
}
interface Statement {
  readonly to: string;
  readonly opening_balance: number;
  readonly closing_balance: number;
  readonly data: readonly {
    readonly id: string;
    readonly transfer_id: string;
    readonly direction: string;
    readonly amount: number;
    readonly balance: number;
    readonly payout_id: string | null;
    readonly created_at: string;
  }[];
}

const [ama, kofi] = [newUuid(), newUuid()];
const gateway = newUuid();
let harness: LedgerHarness;
let program: Program;
let admin: ApiClient;
let merchant: ApiClient;
let payout: Asked;

async function key(kind: KeyKind, owner: string | null): Promise<string> {
  const generated = generateKey(kind);
  await harness.superuser.query(
    `INSERT INTO access.credential (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      newUuid(),
      owner === null ? 'admin' : 'merchant',
      generated.hash,
      owner,
      owner === null ? null : false,
      owner === null ? null : 50,
    ],
  );
  return generated.secret;
}

beforeAll(async () => {
  harness = await createHarness();
  const ledger = harness.process();
  await collect(ledger, ama, 1_000, gateway, { attempt_id: CAPTURED_BY });
  await collect(ledger, kofi, 700, gateway);
  payout = asked(ama, 300, { kind: 'payout', gatewayAccountId: gateway });
  await take(ledger, [told(payout, 'created')]);
  await take(ledger, [told(payout, 'succeeded')]);
  const keys = { merchant: await key('merchant_test', ama), admin: await key('admin', null) };
  const env = { DATABASE_URL: harness.superuser.url, LEDGER_PUBLIC_KEYS: writePublicKey(KEY.publicKey) };
  program = await startProgram({ env, role: 'http', modules: ['ledger'] });
  merchant = createApiClient(program.url, keys.merchant);
  admin = merchant.withKey(keys.admin);
});

afterAll(async () => {
  await program?.stop();
  await harness.close();
});

async function accounts(query: Readonly<Record<string, string>> = {}): Promise<readonly Account[]> {
  const search = new URLSearchParams({ livemode: 'false', ...query }).toString();
  return must(await admin.get<List>(`${ACCOUNTS}?${search}`), 200).body.data;
}
async function accountOf(kind: string, owner: string | null = ama): Promise<Account> {
  const found = (await accounts({ kind })).find(
    ({ merchant_id: id }) => id === (owner === null ? null : encodeId('merchant', owner)),
  );
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found;
}
const lines = (text: string): readonly (readonly string[])[] =>
  text
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));

describe('GET /admin/v1/ledger/accounts', () => {
  it('lists accounts of all merchants and of the platform, by merchant, kind and currency, in one mode', async () => {
    const all = await accounts();
    expect(new Set(all.map((each) => each.merchant_id))).toEqual(
      new Set([null, encodeId('merchant', ama), encodeId('merchant', kofi)]),
    );
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
    const wanted: readonly (readonly [Readonly<Record<string, string>>, (account: Account) => boolean])[] = [
      [{ merchant: encodeId('merchant', ama) }, (each) => each.merchant_id === encodeId('merchant', ama)],
      [{ kind: 'merchant_pending' }, (each) => each.kind === 'merchant_pending'],
      [{ currency: 'GHS' }, (each) => each.currency === 'GHS'],
      [
        { merchant: encodeId('merchant', kofi), kind: 'merchant_pending', currency: 'GHS' },
        (each) => each.merchant_id === encodeId('merchant', kofi) && each.kind === 'merchant_pending',
      ],
    ];
    for (const [query, fits] of wanted) {
      const found = await accounts(query);
      expect(found.length).toBeGreaterThan(0);
      expect(found).toEqual(all.filter(fits));
    }
    expect(await accounts({ currency: 'NGN' })).toEqual([]);
    expect(await accounts({ livemode: 'true' })).toEqual([]);
    expect((await admin.get(ACCOUNTS)).status).toBe(400);
    expect((await admin.get(`${ACCOUNTS}?livemode=false&kind=purse`)).status).toBe(400);
    expect((await merchant.get(`${ACCOUNTS}?livemode=false`)).status).toBe(403);
  });

  it('is CSV too, page after page, of exactly the filter', async () => {
    const all = await accounts({ currency: 'GHS' });
    const ids: string[] = [];
    let path: string | undefined = `${ACCOUNTS}?livemode=false&currency=GHS&limit=2&format=csv`;
    while (path !== undefined) {
      const answer: ApiAnswer = must(await admin.get(path), 200);
      const { text, headers } = answer;
      expect(headers.get('content-type')).toMatch(/^text\/csv/);
      const [header, ...rows] = lines(text);
      expect(header?.slice(0, 4)).toEqual(['id', 'created_at_utc', 'livemode', 'kind']);
      expect(rows.length).toBeLessThanOrEqual(2);
      ids.push(...rows.map(([id = '']) => id));
      path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(ids).toEqual(all.map(({ id }) => id));
    const asked = await admin.get(`${ACCOUNTS}?livemode=false`, { headers: { accept: 'text/csv' } });
    expect(lines(asked.text)).toHaveLength(1 + (await accounts()).length);
    expect((await admin.get(`${ACCOUNTS}?livemode=false&limit=101`)).status).toBe(400);
    expect((await admin.get(`${ACCOUNTS}?livemode=false&limit=1001&format=csv`)).status).toBe(400);
    expect((await admin.get(`${ACCOUNTS}?livemode=false&format=xml`)).status).toBe(400);
  });
});

describe('the statement of any account', () => {
  it('goes from an opening to a closing balance, each entry with what it left and what it is about', async () => {
    const { id } = await accountOf('merchant_pending');
    const whole = must(await admin.get<Statement>(`${ACCOUNTS}/${id}/statement`), 200).body;
    expect(whole).toMatchObject({ opening_balance: 0, closing_balance: whole.data.at(-1)?.balance });
    expect(whole.data.length).toBeGreaterThan(1);
    expect(whole.data.at(-1)).toMatchObject({
      direction: 'debit',
      amount: 300,
      payout_id: encodeId('payout', payout.id),
    });
    const last = whole.data.at(-1)?.created_at ?? '';
    const later = must(await admin.get<Statement>(`${ACCOUNTS}/${id}/statement?from=${last}`), 200).body;
    expect(later.opening_balance - 300).toBe(later.closing_balance);
    const csv = must(await admin.get(`${ACCOUNTS}/${id}/statement?format=csv`), 200).text;
    const rows = lines(csv);
    expect(rows[1]?.[3]).toBe('opening_balance');
    expect(rows.slice(2, -1).map(([entry]) => entry)).toEqual(whole.data.map((entry) => entry.id));
    expect(rows.at(-1)?.[6]).toBe(String(whole.closing_balance));
    expect((await merchant.get(`${ACCOUNTS}/${id}/statement`)).status).toBe(403);
    expect((await admin.get(`${ACCOUNTS}/${encodeId('account', newUuid())}/statement`)).status).toBe(404);
  });

  it('is proved, and what was changed in it is found out', async () => {
    const { id } = await accountOf('merchant_pending');
    expect((await admin.get(`${ACCOUNTS}/${id}/statement/verdict`)).status).toBe(409);
    await chainerOf(harness.process()).walk();
    const verdict = must(await admin.get(`${ACCOUNTS}/${id}/statement/verdict`), 200).body;
    // The program beside it may have signed a head as well.
    expect(verdict).toMatchObject({ holds: true, faults: [], opening_balance: 0 });
    expect(verdict['key_ids']).toContain(KEY.id);
    expect((await merchant.get(`${ACCOUNTS}/${id}/statement/verdict`)).status).toBe(403);
    await harness.superuser.query('ALTER TABLE ledger.entry DISABLE TRIGGER immutable');
    const forge = (by: number): Promise<unknown> =>
      harness.superuser.query(
        `UPDATE ledger.entry SET balance = balance + ${by} WHERE account_id = (SELECT id FROM ledger.account WHERE merchant_id = $1 AND kind = 'merchant_pending') AND account_version = 1`,
        [ama],
      );
    await forge(1);
    const { body } = must(await admin.get<{ faults: string[] }>(`${ACCOUNTS}/${id}/statement/verdict`), 200);
    expect(body).toMatchObject({ holds: false });
    expect(body.faults.join()).toContain('entry 1');
    await forge(-1);
  });
});

describe('GET /admin/v1/ledger/transfers/:id', () => {
  it('shows both sides of a transfer, the debit first, with what it left on each account', async () => {
    const { id } = await accountOf('merchant_pending');
    const { data } = must(await admin.get<Statement>(`${ACCOUNTS}/${id}/statement`), 200).body;
    for (const entry of data) {
      const { body } = must(await admin.get(`/admin/v1/ledger/transfers/${entry.transfer_id}`), 200);
      const { legs } = body as unknown as { readonly legs: readonly Readonly<Record<string, unknown>>[] };
      expect(legs.map(({ direction, amount }) => [direction, amount])).toEqual([
        ['debit', entry.amount],
        ['credit', entry.amount],
      ]);
      expect(legs.find(({ account_id: account }) => account === id)).toMatchObject({
        direction: entry.direction,
        entry_id: entry.id,
        balance: entry.balance,
      });
      expect(legs.every(({ balance }) => typeof balance === 'number')).toBe(true);
    }
    const some = data[0]?.transfer_id ?? '';
    expect((await merchant.get(`/admin/v1/ledger/transfers/${some}`)).status).toBe(403);
    for (const none of [encodeId('transfer', newUuid()), 'nonsense', id])
      expect((await admin.get(`/admin/v1/ledger/transfers/${none}`)).status).toBe(404);
  });
});

describe('freezing an account', () => {
  it('is shown in it, with why and by whom', async () => {
    const { id } = await accountOf('gateway_clearing', null);
    const frozen = must(await admin.post<Account>(`${ACCOUNTS}/${id}/freeze`, { reason: 'looked into' }), 200).body;
    expect(frozen).toMatchObject({
      state: 'frozen',
      merchant_id: null,
      state_change: { reason: 'looked into', by: 'operator' },
    });
  });
});
