import { newUuid } from '../../../src/kernel/ids/ids.js';
import { expirePending } from '../../../src/modules/ledger/transfers/expire-pending.js';
import type { PendingTransfer } from '../../../src/modules/ledger/transfers/transfer.js';
import { asked, collect, take, told } from './disbursement-events.js';
import {
  createHarness,
  disagreements,
  openTestAccounts,
  transfer,
  type LedgerHarness,
  type LedgerProcess,
} from './harness.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeAll(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterAll(() => harness.close());

const logger = { info: () => undefined } as unknown as Parameters<typeof expirePending>[1];

async function pendingOf(ids: readonly string[]): Promise<unknown[]> {
  return ledger.database.query(
    'SELECT debits_pending AS debits, credits_pending AS credits FROM ledger.account WHERE id = ANY($1) ORDER BY id',
    [ids],
  );
}

describe('the time of a pending transfer', () => {
  it('gives its money free when it is over, once, whoever looks; and leaves alone what has time or has none', async () => {
    const accounts = await openTestAccounts(ledger, [{}, {}]);
    const [a = '', b = ''] = accounts;
    const held = (amount: bigint, expiresAt: Date | null): PendingTransfer => ({
      ...transfer(a, b, amount),
      phase: 'pending',
      expiresAt,
    });
    const over = held(5n, new Date(Date.now() - 1_000));
    await ledger.post([over, held(7n, new Date(Date.now() + 3_600_000)), held(11n, null)]);
    expect(await ledger.post([{ phase: 'post', id: newUuid(), pendingId: over.id, effectiveAt: new Date() }])).toEqual([
      'pending_expired',
    ]);
    const others = [ledger, harness.process(), harness.process()];
    await Promise.all(others.map(({ database }) => expirePending(database, logger)));
    expect(await pendingOf([a])).toEqual([{ debits: 18n, credits: 0n }]);
    expect(await pendingOf([b])).toEqual([{ debits: 0n, credits: 18n }]);
    const ends = await ledger.database.query('SELECT phase FROM ledger.transfer WHERE pending_id = $1', [over.id]);
    expect(ends).toEqual([{ phase: 'expire' }]);
    expect(await disagreements(ledger)).toBe(0n);
  });

  it('is nothing that a hold of a refund or payout has', async () => {
    const merchantId = newUuid();
    await collect(ledger, merchantId, 100, newUuid());
    const payout = asked(merchantId, 40);
    await take(ledger, [told(payout, 'created')]);
    await expirePending(ledger.database, logger);
    expect(await ledger.database.query('SELECT state FROM ledger.hold WHERE subject_id = $1', [payout.id])).toEqual([
      { state: 'pending' },
    ]);
    const [a = '', b = ''] = await openTestAccounts(ledger, [{}, {}]);
    const expiring = { ...transfer(a, b, 1n, { kind: 'payout' }), phase: 'pending', expiresAt: new Date() } as const;
    await expect(ledger.post([expiring])).rejects.toMatchObject({ constraint: 'transfer_phase' });
  });
});
