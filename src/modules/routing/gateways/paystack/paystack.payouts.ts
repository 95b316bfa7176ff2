/**
 * Paying out at Paystack (PROVIDERS 1.6): the receiver is registered first, then money is sent to it. Only the second call moves money, and
 * its reference is the idempotency key. Registering the same receiver twice is harmless: Paystack gives the known one again (from memory),
 * and a second one costs nothing.
 */
import type { Currency } from '../../../../kernel/money/money.js';
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
import { toSubunits } from './paystack.amounts.js';
import type { PaystackCalls } from './paystack.calls.js';
import { readRecipient, readTransfer, type Recipient } from './paystack.payout-answers.js';

/** A transfer is recorded when it arrives; what has not shown up a quarter of an hour later, long after our request can still be on its way, will not come. */
const NOT_FOUND_TRUSTED_AFTER_MS = 900_000;
/** Registering the receiver may use this share of the time, so that the transfer is never sent with too little left to see its answer. */
const RECIPIENT_SHARE = 0.5;
/** Statements show less; what is longer is cut here rather than refused there. */
const MAX_REASON_LENGTH = 100;

/**
 * Mobile-money networks by the codes that Paystack lists as banks of a country. Those of Ghana and of Côte d'Ivoire are from memory: one
 * that is wrong is refused when the receiver is registered, before money moves.
 */
const networkCodes: Readonly<Partial<Record<Currency, Readonly<Record<string, string>>>>> = {
  GHS: { mtn: 'MTN', telecel: 'VOD', airteltigo: 'ATL' },
  XOF: { mtn: 'MTN', orange: 'ORANGE', wave: 'WAVE' },
};

/** Kinds of bank receivers by currency. */
const bankTypes: Readonly<Partial<Record<Currency, string>>> = { NGN: 'nuban', GHS: 'ghipss' };

export class PaystackPayouts implements GatewayPayouts {
  readonly destinationCurrencies = { bank_account: ['NGN', 'GHS'], mobile_money: ['GHS', 'XOF'] } as const;
  readonly networks: Readonly<Partial<Record<Currency, readonly string[]>>> = Object.fromEntries(
    Object.entries(networkCodes).map(([currency, codes]) => [currency, Object.keys(codes)]),
  );
  readonly idempotent = true;
  readonly notFoundTrustedAfterMs = NOT_FOUND_TRUSTED_AFTER_MS;
  readonly returns = true;
  readonly requiredCredentials: readonly string[] = [];

  constructor(private readonly calls: PaystackCalls) {}

  /** 16 to 50 lower-case letters, digits, `-` and `_` are allowed: ours is written as it is. */
  writtenReference(reference: string): string {
    return reference;
  }

  async payout(account: GatewayAccount, request: PayoutRequest): Promise<MoneyOutOutcome> {
    const wanted = recipientFor(request.destination, request.currency);
    if (wanted === undefined) return notSent('unsupported_destination', 'merchant');
    const left = timeLeft(request.timeoutMs);
    const recipient = await this.register(account, wanted, request.timeoutMs * RECIPIENT_SHARE);
    if (recipient.kind === 'outcome') return recipient.outcome;
    const body = {
      source: 'balance',
      amount: toSubunits(request.amountMinor, request.currency),
      currency: request.currency,
      recipient: recipient.code,
      reference: this.writtenReference(request.reference),
      reason: request.narration.slice(0, MAX_REASON_LENGTH),
    };
    const result = await this.calls.post(account, '/transfer', body, left());
    return result.kind === 'answered' ? readTransfer(result, 'payout', request.currency) : withoutAnswer(result);
  }

  async status(account: GatewayAccount, query: PayoutQuery): Promise<MoneyOutOutcome> {
    const path = `/transfer/verify/${encodeURIComponent(this.writtenReference(query.reference))}`;
    const result = await this.calls.get(account, path, query.timeoutMs);
    return result.kind === 'answered' ? readTransfer(result, 'status', query.currency) : withoutAnswer(result);
  }

  /** Whatever happens here, no money has moved and none will: every failure is `not_sent`. */
  private async register(account: GatewayAccount, wanted: object, timeoutMs: number): Promise<Recipient> {
    const result = await this.calls.post(account, '/transferrecipient', wanted, timeoutMs);
    if (result.kind === 'answered') return readRecipient(result);
    const outcome = withoutAnswer(result);
    const blame = outcome.kind === 'not_sent' ? outcome.blame : 'gateway';
    return { kind: 'outcome', outcome: notSent(`recipient_${result.code}`, blame) };
  }
}

/** Undefined for a destination that Paystack does not pay in this currency. */
function recipientFor(destination: PayoutDestination, currency: Currency): object | undefined {
  if (destination.type === 'bank_account') {
    const type = bankTypes[currency];
    if (type === undefined) return undefined;
    const { name, accountNumber, bankCode } = destination;
    return { type, name, account_number: accountNumber, bank_code: bankCode, currency };
  }
  const codes = networkCodes[currency];
  const code =
    codes !== undefined && Object.hasOwn(codes, destination.network) ? codes[destination.network] : undefined;
  if (code === undefined) return undefined;
  return {
    type: 'mobile_money',
    name: destination.name,
    account_number: nationalNumber(destination.phone, currency),
    bank_code: code,
    currency,
  };
}

/** Published samples give wallets their national numbers: `0551234987` in Ghana, ten digits without a prefix in Côte d'Ivoire. */
function nationalNumber(phone: string, currency: Currency): string {
  const digits = msisdn(phone);
  if (currency === 'GHS' && digits.startsWith('233')) return `0${digits.slice(3)}`;
  return currency === 'XOF' && digits.startsWith('225') ? digits.slice(3) : digits;
}
