/**
 * What the successes and failures of refunds and payouts are counted by. They are kept apart from those of charges altogether: a
 * gateway's transfers fail while its charges work, and the reverse.
 */
import type { Segment } from './choice/segment.js';
import type { RoutedDisbursement, RoutedPayout } from './routed-payment.js';

/** `GHS/payout/mobile_money/mtn`, `NGN/payout/bank_account`, `NGN/refund`. */
export function disbursementSegment(
  accountId: string,
  of: Pick<RoutedDisbursement, 'currency'> &
    ({ readonly kind: 'refund' } | Pick<Extract<RoutedDisbursement, { kind: 'payout' }>, 'kind' | 'destination'>),
): Segment {
  return { accountId, network: networkOfDisbursement(of) };
}

function networkOfDisbursement(of: Parameters<typeof disbursementSegment>[1]): string {
  if (of.kind === 'refund') return `${of.currency}/refund`;
  const { destination } = of;
  return destination.type === 'mobile_money'
    ? `${of.currency}/payout/mobile_money/${destination.network}`
    : `${of.currency}/payout/bank_account`;
}

/** Whether it counts refunds or payouts. */
export function isOfDisbursements({ network }: Pick<Segment, 'network'>): boolean {
  return /^[A-Z]+\/(refund$|payout\/)/.test(network);
}

/** What a payout goes over, as maintenance windows name it: what is closed for charges of a wallet's network is closed for payouts to it. */
export function railOf({ currency, destination }: Pick<RoutedPayout, 'currency' | 'destination'>): string {
  return destination.type === 'mobile_money'
    ? `${currency}/mobile_money/${destination.network}`
    : `${currency}/bank_account`;
}
