/** What gateways have settled, looked for at the bank: found, booked once, and told of where it is less or has not come. */
import { randomBytes } from 'node:crypto';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { approve } from '../../../src/modules/reconciliation/resolutions/decide.js';
import { propose } from '../../../src/modules/reconciliation/resolutions/propose.js';
import { receiveSettlements } from '../../../src/modules/reconciliation/settlements/receive-settlements.js';
import { personIn } from '../../support/session.js';
import { startHarness, type Harness } from './harness.js';

const DAY_MS = 86_400_000;
const dayBefore = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

let harness: Harness;
let account: string;
beforeAll(async () => {
  harness = await startHarness();
});
beforeEach(async () => {
  account = newUuid();
  // Others' statements would say something of this one's settlements.
  await harness.database.query(
    'TRUNCATE reconciliation.settlement, reconciliation.bank_line, reconciliation.source CASCADE',
  );
});
afterAll(() => harness.close());

interface Settled {
  readonly net?: number;
  readonly settledDaysAgo?: number;
  readonly name?: string;
  readonly bankReference?: string | null;
}

async function settle({
  net = 98_500,
  settledDaysAgo = 20,
  name,
  bankReference = null,
}: Settled = {}): Promise<string> {
  const id = newUuid();
  await harness.database.query(
    `INSERT INTO reconciliation.settlement (id, gateway_account_id, gateway, livemode, gateway_id, status, currency, gross, fees, net, settled_at, bank_reference, told_at)
     VALUES ($1, $2, 'paystack', true, $3, 'settled', 'NGN', $4, 1500, $5, $6::date + interval '9 hours', $7, now())`,
    [
      id,
      account,
      name ?? `stl${randomBytes(4).toString('hex')}`,
      net + 1_500,
      net,
      dayBefore(settledDaysAgo),
      bankReference,
    ],
  );
  return id;
}

/** A statement of an account at the bank, of some days. */
async function statement(
  entries: readonly { readonly amount: number; readonly daysAgo: number; readonly text?: string }[],
  of: { readonly account?: string; readonly daysAgo?: readonly [from: number, to: number] } = {},
): Promise<readonly string[]> {
  const source = newUuid();
  const [from, to] = of.daysAgo ?? [30, 0];
  await harness.database.query(
    `INSERT INTO reconciliation.source (id, kind, name, livemode, format, told_at, state, window_from, window_to, checksum, closed_at)
     VALUES ($1, 'bank', 'statement.csv', true, 'csv', now(), 'committed', $2::date, $3::date, $4, now())`,
    [source, dayBefore(from), dayBefore(to), randomBytes(32).toString('hex')],
  );
  const ids = entries.map(() => newUuid());
  for (const [index, { amount, daysAgo, text = 'NIP TRANSFER' }] of entries.entries())
    await harness.database.query(
      `INSERT INTO reconciliation.bank_line (id, source_id, ordinal, file_line, livemode, account, booked_on, amount, currency, is_reversal, reference_texts, description)
       VALUES ($1, $2, $3, $3, true, $4, $5, $6, 'NGN', false, '{}', $7)`,
      [ids[index], source, index, of.account ?? 'NG01', dayBefore(daysAgo), amount, text],
    );
  return ids;
}

const look = () => receiveSettlements(harness.ours, Date.now());

const received = () =>
  harness.database.query<{ id: string; bank_line_id: string | null; received_by: string | null }>(
    'SELECT id, bank_line_id, received_by FROM reconciliation.settlement WHERE gateway_account_id = $1 ORDER BY id',
    [account],
  );
const booked = () =>
  harness.database.query<{ payload: { bank_line_id: string; amount: number; settlement_ids: readonly string[] } }>(
    `SELECT payload FROM messaging.outbox WHERE type = 'reconciliation.settlement_received.v1' AND payload->>'gateway_account_id' = $1 ORDER BY id`,
    [account],
  );
const breaks = (isOpen = true) =>
  harness.database.query<{ id: string; kind: string; amount: string; line_id: string | null; subject_id: string }>(
    `SELECT id, kind, amount, line_id, subject_id FROM reconciliation.break
      WHERE gateway_account_id = $1 AND side = 'bank' AND subject = 'settlement' AND (closed_at IS NULL) = $2 ORDER BY id`,
    [account, isOpen],
  );

describe('a settlement', () => {
  it.each([
    ['its name', { amount: 98_500, daysAgo: 18, text: 'PSTK/STL-0A1B2C3D/LAGOS' }, 'reference'],
    ['its amount', { amount: 98_500, daysAgo: 18 }, 'amount'],
  ])('is found at the bank by %s, and booked once', async (_, entry, rule) => {
    const id = await settle({ name: 'stl0a1b2c3d' });
    const [line] = await statement([entry, { amount: 5_000, daysAgo: 18 }]);
    expect([await look(), await look()]).toEqual([1, 0]);
    expect(await received()).toEqual([{ id, bank_line_id: line, received_by: rule }]);
    expect(await booked()).toMatchObject([
      {
        payload: {
          bank_line_id: line,
          amount: 98_500,
          currency: 'NGN',
          settlement_ids: [id],
          booked_on: dayBefore(18),
        },
      },
    ]);
    expect(await breaks()).toEqual([]);
  });

  it('is one of several that came in as one', async () => {
    const ids = [await settle({ net: 70_000 }), await settle({ net: 31_337 })].toSorted();
    const [line] = await statement([{ amount: 101_337, daysAgo: 18 }]);
    await look();
    expect(await received()).toEqual(ids.map((id) => ({ id, bank_line_id: line, received_by: 'many_to_one' })));
    expect((await booked()).map(({ payload }) => payload.amount)).toEqual([101_337]);
  });

  it('of which less has come in is a break, which is written off by two people', async () => {
    const id = await settle({ bankReference: 'FT26310XYZ' });
    const [line] = await statement([{ amount: 98_000, daysAgo: 18, text: 'FT26310XYZ less charges' }]);
    await look();
    const [found, ...others] = await breaks();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind: 'amount', amount: '500', line_id: line, subject_id: id });
    const manages = { reconciliation: 'manage' };
    const [ama, kofi] = [await personIn(harness.database, manages), await personIn(harness.database, manages)];
    const cause = { correlationId: 'req_test' };
    const asked = { account: null, attemptIds: [], remark: 'charges of the bank', by: ama, cause };
    const [made] = await propose(harness.ours, { ...asked, breakIds: [found?.id ?? ''], action: 'write_off' });
    await approve(harness.ours, { id: made?.id ?? '', by: kofi, remark: null, cause });
    // The gateway paid all of it: what of it did not arrive is owed by the gateway no longer.
    expect(made).toMatchObject({ clearingSide: 'credit', amount: 500n, account: 'write_offs' });
    await look();
    expect(await breaks()).toEqual([]);
  });

  it('that has not come in is missed once statements of all accounts tell of all the days', async () => {
    const id = await settle();
    await statement([{ amount: 1, daysAgo: 19 }], { daysAgo: [30, 0] });
    await statement([{ amount: 2, daysAgo: 19 }], { account: 'NG02', daysAgo: [30, 17] });
    await look();
    expect(await breaks()).toEqual([]);
    await statement([{ amount: 3, daysAgo: 5 }], { account: 'NG02', daysAgo: [16, 0] });
    await look();
    // Nobody has told of the seventeenth day before now.
    expect(await breaks()).toEqual([]);
    await statement([{ amount: 4, daysAgo: 17 }], { account: 'NG02', daysAgo: [17, 16] });
    await look();
    await look();
    expect(await breaks()).toMatchObject([{ kind: 'missing_there', amount: '98500', subject_id: id, line_id: null }]);
  });

  it('that comes in after all closes what was missed of it', async () => {
    const name = 'stl77aa88bb';
    await settle({ name });
    await statement([{ amount: 1, daysAgo: 19 }]);
    await look();
    expect(await breaks()).toHaveLength(1);
    await statement([{ amount: 98_500, daysAgo: 2, text: `late ${name}` }]);
    await look();
    expect([await breaks(), await breaks(false)]).toMatchObject([[], [{ kind: 'missing_there' }]]);
  });

  it('that somebody has looked after is not missed again', async () => {
    await settle();
    await statement([{ amount: 1, daysAgo: 19 }]);
    await look();
    const [found] = await breaks();
    const cause = { correlationId: 'req_test' };
    const asked = { account: null, attemptIds: [], remark: 'in cash', by: { id: newUuid(), sessionId: null }, cause };
    await propose(harness.ours, { ...asked, breakIds: [found?.id ?? ''], action: 'dismiss' });
    await look();
    expect(await breaks()).toEqual([]);
  });

  it('is booked once however many look at the same time', async () => {
    for (let number = 0; number < 20; number += 1) await settle({ net: 10_000 + number });
    await statement(Array.from({ length: 20 }, (_, number) => ({ amount: 10_000 + number, daysAgo: 18 })));
    const looks = await Promise.all(Array.from({ length: 6 }, look));
    await look();
    expect(looks.reduce<number>((sum, each) => sum + (each ?? 0), 0)).toBe(20);
    expect(new Set((await booked()).map(({ payload }) => payload.bank_line_id)).size).toBe(20);
    expect(await booked()).toHaveLength(20);
  });
});
