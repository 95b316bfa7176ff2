/** Many payouts that were accepted together, and how they are coming along. Pure. */
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { DISBURSEMENT_STATUSES, type DisbursementStatus } from '../disbursement.js';

/** By currency, in minor units. */
export type Amounts = Readonly<Record<string, number>>;

export interface PayoutBatch {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly reference: string;
  readonly count: number;
  readonly amounts: Amounts;
  readonly createdAt: Date;
}

/** How many payouts of a batch stand how, and what they come to. */
export interface Tally {
  readonly status: DisbursementStatus;
  readonly currency: string;
  readonly count: number;
  readonly amountMinor: bigint;
}

export function amountsOf(payouts: readonly { readonly currency: string; readonly amountMinor: bigint }[]): Amounts {
  const sums = new Map<string, bigint>();
  for (const { currency, amountMinor } of payouts) sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  return Object.fromEntries([...sums].map(([currency, sum]) => [currency, toJsonAmount(sum)]));
}

/** The batch as a list shows it. `open`: whether any of its payouts is not final yet. */
export function toBatchResource(batch: PayoutBatch, open: boolean): Record<string, unknown> {
  return {
    object: 'payout_batch',
    id: encodeId('payoutBatch', batch.id),
    livemode: batch.livemode,
    status: open ? 'processing' : 'completed',
    reference: batch.reference,
    count: batch.count,
    amounts: batch.amounts,
    created_at: batch.createdAt.toISOString(),
  };
}

/** The batch by itself, with its progress: every status is named, also where nothing stands so. */
export function toBatchProgress(batch: PayoutBatch, tallies: readonly Tally[]): Record<string, unknown> {
  const progress = DISBURSEMENT_STATUSES.map((status) => {
    const such = tallies.filter((tally) => tally.status === status);
    return [status, { count: such.reduce((sum, tally) => sum + tally.count, 0), amounts: amountsOf(such) }] as const;
  });
  return {
    ...toBatchResource(
      batch,
      tallies.some(({ status }) => status === 'processing'),
    ),
    progress: Object.fromEntries(progress),
  };
}

/** As it stands when it has just been accepted. */
export function freshTallies(batch: PayoutBatch): Tally[] {
  return Object.entries(batch.amounts).map(([currency, amount], index) => ({
    status: 'processing',
    currency,
    // All are of one status: how the count is divided among currencies is not shown.
    count: index === 0 ? batch.count : 0,
    amountMinor: BigInt(amount),
  }));
}
