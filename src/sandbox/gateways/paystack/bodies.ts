import { share } from '../../money.js';
import type { Transaction } from '../../transactions.js';
import type { JsonObject } from '../../wire.js';
import { subunits } from './subunits.js';

/** A transfer account stays open for half an hour. Milliseconds. */
const ACCOUNT_OPEN_MS = 30 * 60_000;

/** Local fees, in basis points, as published on Paystack's pricing pages; they only make the figures lifelike. */
const FEE_BASIS_POINTS: Readonly<Record<string, number>> = {
  NGN: 150,
  GHS: 195,
  KES: 150,
  ZAR: 290,
  XOF: 195,
  USD: 390,
};

/** In Nigeria a flat NGN 100 comes on top from NGN 2,500, and no fee is over NGN 2,000. Kobo. */
const NGN_FLAT = 10_000;
const NGN_FLAT_FROM = 250_000;
const NGN_CAP = 200_000;

/** What a customer can be asked for, and in which words. */
export const ASKED: Readonly<Record<string, string>> = {
  otp: 'Please enter the OTP sent to your phone',
  pin: 'Please enter your PIN',
  phone: 'Please enter your phone number',
  birthday: 'Please enter your birthday',
  address: 'Please enter your address',
};

const STATUS_WORDS = { invited: 'abandoned', pending: 'pending', succeeded: 'success', failed: 'failed' } as const;

export function feeOf(amountSubunits: number, currency: string): number {
  const relative = share(amountSubunits, FEE_BASIS_POINTS[currency] ?? 0);
  if (currency !== 'NGN') return relative;
  return Math.min(relative + (amountSubunits >= NGN_FLAT_FROM ? NGN_FLAT : 0), NGN_CAP);
}

/** The transaction object of verify, list and webhook. */
export function transactionData(transaction: Transaction): JsonObject {
  const { id, reference, currency, channel, status, detail } = transaction;
  const paid = status === 'succeeded';
  const amount = subunits(paid ? transaction.chargedMinor : transaction.requestedMinor, currency);
  const createdAt = new Date(transaction.createdAt).toISOString();
  const paidAt = paid && transaction.finishedAt !== undefined ? new Date(transaction.finishedAt).toISOString() : null;
  return {
    id,
    domain: 'test',
    status: statusWord(transaction),
    reference,
    receipt_number: null,
    amount,
    message: null,
    gateway_response: gatewayResponse(transaction),
    paid_at: paidAt,
    created_at: createdAt,
    channel,
    currency,
    ip_address: null,
    metadata: detail['metadata'] ?? '',
    log: null,
    fees: paid ? feeOf(amount, currency) : null,
    fees_split: null,
    authorization: paid ? authorization(transaction) : {},
    customer: customer(transaction),
    plan: null,
    split: {},
    order_id: null,
    paidAt,
    createdAt,
    requested_amount: subunits(transaction.requestedMinor, currency),
    pos_transaction_data: null,
    source: null,
    fees_breakdown: null,
  };
}

/** What `POST /charge` and `GET /charge/:reference` answer: the next step while there is one, then the transaction. */
export function chargeAnswer(transaction: Transaction, baseUrl: string, pageKey: string): JsonObject {
  const { reference, status, detail } = transaction;
  if (status === 'succeeded' || status === 'failed') return transactionData(transaction);
  const asked = ASKED[String(detail['step'])];
  if (asked !== undefined) {
    return status === 'invited'
      ? { reference, status: `send_${String(detail['step'])}`, display_text: asked }
      : { reference, status: 'pending' };
  }
  switch (detail['step']) {
    case 'handset':
      return {
        reference,
        status: 'pay_offline',
        display_text: 'Please complete authorization process on your mobile phone',
      };
    case 'dial': {
      const code = `*${String(detail['type'])}*000*${transaction.id}#`;
      return {
        reference,
        status: 'pay_offline',
        display_text: `Please dial ${code} on your mobile phone to complete the transaction`,
        ussd_code: code,
      };
    }
    case 'transfer':
      return {
        reference,
        status: 'pending_bank_transfer',
        display_text: 'Please make a transfer to the account specified',
        account_name: 'SANDBOX CHECKOUT',
        account_number: detail['accountNumber'],
        bank: { slug: 'test-bank', name: 'Test Bank', id: 24 },
        account_expires_at: new Date(transaction.createdAt + ACCOUNT_OPEN_MS).toISOString(),
      };
    case 'page':
      return status === 'invited'
        ? { reference, status: 'open_url', url: `${baseUrl}/checkout/sandbox.${pageKey}` }
        : { reference, status: 'pending' };
    default:
      return { reference, status: 'pending' };
  }
}

/**
 * While a customer is being asked for a transfer or a code, Paystack says `ongoing`; for a handset, `pending`. A paid
 * transaction of which anything went back, all or a part, is `reversed`.
 */
function statusWord({ status, detail, refunds }: Transaction): string {
  const step = String(detail['step']);
  const isAsked = ASKED[step] !== undefined;
  if (status === 'pending' && (step === 'transfer' || isAsked)) return 'ongoing';
  if (status === 'invited' && isAsked) return 'ongoing';
  if (refunds?.some((refund) => refund.status === 'succeeded') === true) return 'reversed';
  return STATUS_WORDS[status];
}

function gatewayResponse({ status, declineCode, channel }: Transaction): string | null {
  if (status === 'succeeded') return channel === 'card' ? 'Successful' : 'Approved';
  if (status === 'failed') return declineCode ?? 'Declined';
  return status === 'invited' ? 'The transaction was not completed' : null;
}

function customer({ customer: { email, phone } }: Transaction): JsonObject {
  return {
    id: 1,
    first_name: null,
    last_name: null,
    email: email ?? null,
    customer_code: 'CUS_sandbox',
    phone: phone ?? null,
    metadata: null,
    risk_action: 'default',
  };
}

function authorization({ channel, customer: { phone }, detail }: Transaction): JsonObject {
  const isCard = channel === 'card';
  return {
    authorization_code: 'AUTH_sandbox',
    bin: isCard ? '408408' : '000000',
    last4: isCard ? '4081' : (phone ?? '0000').slice(-4),
    exp_month: '12',
    exp_year: '2030',
    channel,
    card_type: isCard ? 'visa' : '',
    bank: isCard ? 'TEST BANK' : (detail['provider'] ?? 'TEST BANK'),
    country_code: 'NG',
    brand: isCard ? 'visa' : (detail['provider'] ?? ''),
    reusable: isCard,
    signature: isCard ? 'SIG_sandbox' : null,
    account_name: null,
  };
}
