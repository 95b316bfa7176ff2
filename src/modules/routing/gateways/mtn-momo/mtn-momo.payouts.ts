/** Paying out to MTN's wallets (PROVIDERS 3.6). */
import { msisdn } from '../customers.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayPayouts, MoneyOutOutcome, PayoutQuery, PayoutRequest } from '../gateway-parts.js';
import { notSent } from '../outcomes.js';
import { asUuidV4 } from '../references.js';
import type { MtnCalls } from './mtn-momo.calls.js';
import { DISBURSEMENT_NOT_FOUND_TRUSTED_AFTER_MS, disburse, disbursementStatus } from './mtn-momo.disbursements.js';
import { DISBURSEMENT_CREDENTIALS } from './mtn-momo.products.js';

export class MtnPayouts implements GatewayPayouts {
  readonly destinationCurrencies = { mobile_money: ['GHS', 'XOF', 'XAF', 'GNF'] } as const;
  readonly networks = { GHS: ['mtn'], XOF: ['mtn'], XAF: ['mtn'], GNF: ['mtn'] } as const;
  readonly idempotent = true;
  readonly notFoundTrustedAfterMs = DISBURSEMENT_NOT_FOUND_TRUSTED_AFTER_MS;
  readonly returns = false;
  readonly requiredCredentials: readonly string[] = DISBURSEMENT_CREDENTIALS;

  constructor(private readonly calls: MtnCalls) {}

  writtenReference(reference: string): string {
    return asUuidV4(reference);
  }

  async payout(account: GatewayAccount, request: PayoutRequest): Promise<MoneyOutOutcome> {
    const { reference, destination, narration, amountMinor, currency, callbackUrl, timeoutMs } = request;
    if (destination.type !== 'mobile_money' || destination.network !== 'mtn' || !isPaid(currency))
      return notSent('unsupported_destination', 'merchant');
    return disburse(this.calls, account, 'transfer', {
      reference,
      externalId: reference,
      amountMinor,
      currency,
      message: narration,
      callbackUrl,
      timeoutMs,
      fields: { payee: { partyIdType: 'MSISDN', partyId: msisdn(destination.phone) } },
    });
  }

  async status(account: GatewayAccount, query: PayoutQuery): Promise<MoneyOutOutcome> {
    return disbursementStatus(this.calls, account, 'transfer', query);
  }
}

const paid: ReadonlySet<string> = new Set(['GHS', 'XOF', 'XAF', 'GNF']);

function isPaid(currency: string): boolean {
  return paid.has(currency);
}
