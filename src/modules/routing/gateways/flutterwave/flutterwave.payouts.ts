/** Paying out at Flutterwave v3 (PROVIDERS 2.6): one call that queues a transfer; its end is learned later. */
import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import { msisdn } from '../customers.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type {
  GatewayPayouts,
  MoneyOutOutcome,
  PayoutDestination,
  PayoutQuery,
  PayoutRequest,
} from '../gateway-parts.js';
import { timeLeft } from '../json-calls.js';
import { notSent, withoutAnswer } from '../outcomes.js';
import type { FlutterwaveCalls } from './flutterwave.calls.js';
import { numericId } from './flutterwave.lookup.js';
import { readFoundTransfers, readTransfer } from './flutterwave.payout-answers.js';
import { FLUTTERWAVE_NETWORKS, networkName, withAmount } from './flutterwave.requests.js';

/** Bank statements show less; what is longer is cut here rather than refused there. */
const MAX_NARRATION_LENGTH = 100;

/**
 * Banks are paid in Nigeria only: Ghanaian ones need the branch besides (from memory), which our destinations do not have. Wallets are
 * named as with charges, from memory for transfers: a wrong name is refused, or the transfer fails, and the money stays.
 */
export class FlutterwavePayouts implements GatewayPayouts {
  readonly destinationCurrencies = { bank_account: ['NGN'], mobile_money: ['GHS', 'XOF', 'XAF'] } as const;
  readonly networks = FLUTTERWAVE_NETWORKS;
  /** That a used reference is refused is not in any document that we have, so no second transfer may rest on it. */
  readonly idempotent = false;
  /** Asking by reference is from memory too: what it does not show is no proof. */
  readonly notFoundTrustedAfterMs = null;
  readonly returns = false;
  readonly requiredCredentials: readonly string[] = [];

  constructor(private readonly calls: FlutterwaveCalls) {}

  writtenReference(reference: string): string {
    return reference;
  }

  async payout(account: GatewayAccount, request: PayoutRequest): Promise<MoneyOutOutcome> {
    const receiver = receiverFor(request.destination, request.currency);
    if (receiver === undefined) return notSent('unsupported_destination', 'merchant');
    const body = withAmount(toDecimal(request.amountMinor, exponentOf(request.currency)), {
      ...receiver,
      currency: request.currency,
      debit_currency: request.currency,
      reference: this.writtenReference(request.reference),
      narration: request.narration.slice(0, MAX_NARRATION_LENGTH),
      beneficiary_name: request.destination.name,
      ...(request.callbackUrl === '' ? {} : { callback_url: request.callbackUrl }),
    });
    const result = await this.calls.post(account, '/v3/transfers', body, request.timeoutMs);
    return result.kind === 'answered' ? readTransfer(result, 'payout', request.currency) : withoutAnswer(result);
  }

  /** By the transfer's id where it is known, unless that leads to another transfer (the id may come from a webhook); else by our reference. */
  async status(account: GatewayAccount, query: PayoutQuery): Promise<MoneyOutOutcome> {
    const left = timeLeft(query.timeoutMs);
    const reference = this.writtenReference(query.reference);
    const id = numericId(query.handles['id']);
    if (id !== undefined) {
      const result = await this.calls.get(account, `/v3/transfers/${id}`, left());
      if (result.kind !== 'answered') return withoutAnswer(result);
      const outcome = readTransfer(result, 'status', query.currency, reference);
      const isElsewhere =
        outcome.kind === 'not_found' || (outcome.kind === 'unknown' && outcome.code === 'another_transfer');
      if (!isElsewhere) return outcome;
    }
    const path = `/v3/transfers?reference=${encodeURIComponent(reference)}`;
    const result = await this.calls.get(account, path, left());
    return result.kind === 'answered' ? readFoundTransfers(result, reference, query.currency) : withoutAnswer(result);
  }
}

/** Undefined for a destination that Flutterwave does not pay in this currency. */
function receiverFor(destination: PayoutDestination, currency: Currency): object | undefined {
  if (destination.type === 'bank_account') {
    if (currency !== 'NGN') return undefined;
    return { account_bank: destination.bankCode, account_number: destination.accountNumber };
  }
  const network = networkName(currency, destination.network);
  return network === undefined ? undefined : { account_bank: network, account_number: msisdn(destination.phone) };
}
