/** Giving money back at MTN MoMo (PROVIDERS 3.5): by the disbursement product, which collecting accounts need not have. */
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayRefunds, MoneyOutOutcome, RefundQuery, RefundRequest } from '../gateway-parts.js';
import { asUuidV4 } from '../references.js';
import type { MtnCalls } from './mtn-momo.calls.js';
import { DISBURSEMENT_NOT_FOUND_TRUSTED_AFTER_MS, disburse, disbursementStatus } from './mtn-momo.disbursements.js';
import { externalIdOfRefund } from './mtn-momo.products.js';

export class MtnRefunds implements GatewayRefunds {
  readonly partial = true;
  readonly idempotent = true;
  readonly notFoundTrustedAfterMs = DISBURSEMENT_NOT_FOUND_TRUSTED_AFTER_MS;

  constructor(private readonly calls: MtnCalls) {}

  writtenReference(reference: string): string {
    return asUuidV4(reference);
  }

  async refund(account: GatewayAccount, request: RefundRequest): Promise<MoneyOutOutcome> {
    const { reference, charge, reason, amountMinor, currency, callbackUrl, timeoutMs } = request;
    return disburse(this.calls, account, 'refund', {
      reference,
      externalId: externalIdOfRefund(reference),
      amountMinor,
      currency,
      message: reason,
      callbackUrl,
      timeoutMs,
      // The charge as MTN was given it.
      fields: { referenceIdToRefund: asUuidV4(charge.reference) },
    });
  }

  async status(account: GatewayAccount, query: RefundQuery): Promise<MoneyOutOutcome> {
    return disbursementStatus(this.calls, account, 'refund', query);
  }
}
