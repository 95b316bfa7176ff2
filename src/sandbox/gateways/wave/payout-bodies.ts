import { share } from '../../money.js';
import type { Movement, Movements } from '../../movements.js';
import type { JsonObject } from '../../wire.js';
import { amountText } from './amounts.js';
import { when } from './sessions.js';

/** What a payout is said to cost, in basis points; the sandbox takes no fee. */
const FEE_BASIS_POINTS = 100;

const STATUS_WORDS = {
  waiting: 'processing',
  pending: 'processing',
  succeeded: 'succeeded',
  failed: 'failed',
  returned: 'reversed',
} as const;

const ERROR_MESSAGES: Readonly<Record<string, string>> = {
  'insufficient-funds': 'The wallet does not hold enough for this payout',
  'recipient-account-not-payable': 'The recipient cannot be paid',
};

/** The same in every answer that tells it. */
export function payoutFee({ requestedMinor, currency }: Movement): string {
  return amountText(share(requestedMinor, FEE_BASIS_POINTS), currency);
}

export function payoutBody(payout: Movement): JsonObject {
  const { currency, detail, status, requestedMinor, movedMinor, createdAt } = payout;
  const isPaid = status === 'succeeded' || status === 'returned';
  return {
    id: payoutId(payout),
    currency,
    receive_amount: amountText(isPaid ? movedMinor : requestedMinor, currency),
    fee: payoutFee(payout),
    mobile: payout.phone,
    name: detail['name'] ?? null,
    national_id: detail['nationalId'] ?? null,
    payment_reason: detail['paymentReason'] ?? null,
    client_reference: detail['clientReference'] ?? null,
    status: STATUS_WORDS[status],
    payout_error: payoutError(payout),
    timestamp: when(createdAt),
  };
}

/** The id holds the payout's number, so that no table of ids has to be kept. */
export function payoutId({ id }: Pick<Movement, 'id'>): string {
  return `pt-${id.toString(36)}`;
}

export function payoutOf(payouts: Movements, account: string, id: string): Movement | undefined {
  return /^pt-[0-9a-z]+$/.test(id) ? payouts.byId(account, Number.parseInt(id.slice(3), 36)) : undefined;
}

function payoutError({ status, declineCode }: Movement): JsonObject | null {
  if (status !== 'failed' || declineCode === undefined) return null;
  return { error_code: declineCode, error_message: ERROR_MESSAGES[declineCode] ?? 'The payout failed' };
}
