/** Makes a payout of what was asked for. */
import type { PayoutDestination } from '../../../contracts/shared.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { KeyedRequest } from '../answer-once.js';
import { FRESH } from '../disbursement.js';
import type { CreatePayoutDto } from './create-payout.dto.js';
import { payoutCreatedEvent } from './payout-events.js';
import type { Payout } from './payout.js';
import type { NewPayout } from './payouts.store.js';

/** @param batchId null for a payout by itself */
export function preparePayout(
  { merchant, correlationId, traceparent }: KeyedRequest,
  body: CreatePayoutDto,
  destination: PayoutDestination,
  batchId: string | null,
  createdAt: Date,
): NewPayout {
  const payout = payoutOf(merchant, body, destination, batchId, createdAt);
  const cause = { correlationId, ...(traceparent === undefined ? {} : { traceparent }) };
  return { payout, correlationId, event: payoutCreatedEvent(payout, cause) };
}

function payoutOf(
  { merchantId, livemode }: MerchantPrincipal,
  body: CreatePayoutDto,
  destination: PayoutDestination,
  batchId: string | null,
  createdAt: Date,
): Payout {
  return {
    ...FRESH,
    id: newUuid(),
    merchantId,
    livemode,
    reference: body.reference,
    batchId,
    amountMinor: BigInt(body.amount),
    currency: body.currency,
    destination,
    narration: body.narration ?? null,
    metadata: body.metadata ?? {},
    createdAt,
  };
}
