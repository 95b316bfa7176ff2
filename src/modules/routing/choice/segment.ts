/**
 * What success and failure are counted by: one gateway account, one method, one network. A gateway may be dead for Telecel and well
 * for MTN, and only numbers that are kept apart can tell.
 */
import type { PaymentMethod } from '../../../contracts/shared.js';

export interface Segment {
  readonly accountId: string;
  /** What is reached through the gateway, whichever gateway that is: a mobile network, a bank's codes, the card schemes, in one currency. */
  readonly network: string;
}

/** `GHS/mobile_money/mtn`, `NGN/ussd/737`, `NGN/card`. */
export function networkOf(currency: string, method: PaymentMethod): string {
  switch (method.type) {
    case 'mobile_money':
      return `${currency}/mobile_money/${method.network}`;
    case 'ussd':
      return `${currency}/ussd/${method.bank}`;
    case 'card':
    case 'bank_transfer':
      return `${currency}/${method.type}`;
  }
}

export function segmentKey(segment: Segment): string {
  return `${segment.accountId} ${segment.network}`;
}
