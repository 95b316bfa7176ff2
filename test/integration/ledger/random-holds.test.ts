import fc from 'fast-check';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { asked, bookCapture, collect, HAPPENINGS, settle, take, told, type Asked } from './disbursement-events.js';
import { createHarness, differences, disagreements, type LedgerHarness, type LedgerProcess } from './harness.js';
import { NaiveHolds } from './naive-holds.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeAll(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterAll(() => harness.close());

interface Standing {
  readonly posted: bigint;
  readonly pending: bigint;
}

/** Of the case's own accounts, and of the platform's by how much they moved since `before`. */
async function standing(
  own: ReadonlySet<string>,
  before: ReadonlyMap<string, Standing>,
): Promise<ReadonlyMap<string, Standing>> {
  const { accounts } = await ledger.trialBalance.read({ verify: false });
  const rows = accounts
    .filter(({ merchantId, kind, qualifier }) => {
      if (merchantId !== null) return own.has(merchantId);
      return kind !== 'gateway_clearing' || own.has(qualifier);
    })
    .map((row): [string, Standing] => {
      const key = row.merchantId === null ? row.kind : `${row.kind} ${row.merchantId}`;
      const was = before.get(key) ?? { posted: 0n, pending: 0n };
      const pending = row.kind.endsWith('reserved') ? row.pendingCredits : row.pendingDebits;
      return [key, { posted: row.credits - row.debits - was.posted, pending: pending - was.pending }];
    });
  return new Map(rows);
}

const subject = fc.record({
  merchant: fc.nat({ max: 1 }),
  kind: fc.constantFrom('refund', 'refund', 'payout', 'payout', 'surplus'),
  amount: fc.integer({ min: 1, max: 40 }),
  fee: fc.nat({ max: 2 }),
  platformFee: fc.nat({ max: 2 }),
});

/** Few subjects, so that much comes twice, and in any order. */
const happening = fc.record({
  subject: fc.nat({ max: 5 }),
  what: fc.constantFrom(...HAPPENINGS, 'created', 'created', 'failed'),
});

describe('random stories of refunds and payouts', () => {
  it('end as if they had been held and booked one event after the other', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ collected: fc.nat({ max: 70 }), settled: fc.nat({ max: 50 }) }), {
          minLength: 2,
          maxLength: 2,
        }),
        fc.array(subject, { minLength: 6, maxLength: 6 }),
        fc.array(fc.array(happening, { minLength: 1, maxLength: 12, size: 'max' }), {
          minLength: 2,
          maxLength: 5,
          size: 'max',
        }),
        async (funds, subjects, batches) => {
          const merchants = funds.map(() => newUuid());
          const gatewayAccountId = newUuid();
          const own = new Set([...merchants, gatewayAccountId]);
          const before = await standing(new Set(), new Map());
          const naive = new NaiveHolds();
          await bookCapture(ledger);
          for (const [index, { collected, settled }] of funds.entries()) {
            const merchantId = merchants[index] ?? '';
            const moved = Math.min(collected, settled);
            if (collected > 0) await collect(ledger, merchantId, collected, gatewayAccountId);
            if (moved > 0) await settle(ledger, merchantId, BigInt(moved));
            naive.account('merchant_pending', merchantId).posted = BigInt(collected - moved);
            naive.account('merchant_available', merchantId).posted = BigInt(moved);
            naive.account('gateway_clearing').posted -= BigInt(collected);
          }
          const all = subjects.map(({ merchant, kind, amount, fee, platformFee }) =>
            asked(merchants[merchant] ?? '', amount, {
              kind: kind === 'payout' ? 'payout' : 'refund',
              source: kind === 'surplus' ? 'surplus' : 'merchant',
              fee,
              platformFee: kind === 'refund' ? Math.min(platformFee, amount - 1) : 0,
              gatewayAccountId,
            }),
          );
          const story = batches.map((batch) =>
            batch.flatMap(({ subject: index, what }) => {
              const of = all[index];
              return of === undefined ? [] : [{ of, what }];
            }),
          );
          for (const batch of story) {
            for (const { of, what } of batch) naive.hear(of, what);
            await take(
              ledger,
              batch.map(({ of, what }) => told(of, what)),
            );
          }
          await agree(naive, all, own, before);
          owedIsKept(naive, funds, merchants, story.flat());
          for (const state of naive.states.values()) seen.add(state);
        },
      ),
      { numRuns: 60 },
    );
    expect([...seen].sort()).toEqual(['pending', 'posted', 'refused', 'voided']);
    expect(await disagreements(ledger)).toBe(0n);
    for (const difference of Object.values(await differences(ledger))) expect(difference).toBe(0n);
  }, 120_000);
});

async function agree(
  naive: NaiveHolds,
  all: readonly Asked[],
  own: ReadonlySet<string>,
  before: ReadonlyMap<string, Standing>,
): Promise<void> {
  const real = await standing(own, before);
  for (const [key, { posted, held }] of naive.accounts)
    expect([key, real.get(key) ?? { posted: 0n, pending: 0n }]).toEqual([key, { posted, pending: held }]);
  const ids = all.map(({ id }) => id);
  const holds = await ledger.database.query<{ id: string; state: string }>(
    'SELECT subject_id AS id, state FROM ledger.hold WHERE subject_id = ANY($1)',
    [ids],
  );
  expect(new Map(holds.map(({ id, state }) => [id, state]))).toEqual(naive.states);
  const said = await harness.superuser.query<{ said: string }>(
    `SELECT type || ' ' || aggregateid AS said FROM messaging.outbox WHERE aggregateid = ANY($1) ORDER BY seq`,
    [ids],
  );
  expect(said.map((row) => row.said)).toEqual(naive.said);
}

/** Whatever the order: merchants are owed what was collected, less what left, and what came back; nothing stays on its way. */
function owedIsKept(
  naive: NaiveHolds,
  funds: readonly { collected: number }[],
  merchants: readonly string[],
  story: readonly { of: Asked; what: string }[],
): void {
  for (const [index, merchantId] of merchants.entries()) {
    const sum = (what: string): number => {
      const once = new Set(story.filter((each) => each.what === what).map(({ of }) => of));
      return [...once]
        .filter((of) => of.merchantId === merchantId && of.source === 'merchant')
        .reduce((total, { amount, platformFee }) => total + amount - platformFee, 0);
    };
    const parts = ['merchant_pending', 'merchant_available'].map((kind) => naive.account(kind, merchantId).posted);
    const owed = parts.reduce((total, part) => total + part, 0n);
    expect(owed).toBe(BigInt((funds[index]?.collected ?? 0) - sum('succeeded') + sum('returned')));
    expect(naive.account('merchant_reserved', merchantId).posted).toBe(0n);
  }
}
