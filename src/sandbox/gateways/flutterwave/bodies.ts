import { decimalText, exponentOf } from '../../money.js';
import type { Transaction } from '../../transactions.js';
import { json, type Answer, type JsonObject } from '../../wire.js';
import { feeOf, fromThousandths, major, worthOfCharge } from './amounts.js';

/** A transfer account stays open for an hour. Milliseconds. */
const ACCOUNT_OPEN_MS = 60 * 60_000;

const FLW_REF_PREFIX = 'FLW-SANDBOX-';

const STATUS_WORDS = { invited: 'pending', pending: 'pending', succeeded: 'successful', failed: 'failed' } as const;

export function statusWord({ status }: Transaction): string {
  return STATUS_WORDS[status];
}

/** The transaction object of verify, list, charge and webhook. */
export function transactionData(transaction: Transaction): JsonObject {
  const { id, reference, currency, channel, status, detail } = transaction;
  const paid = status === 'succeeded';
  const minor = paid ? transaction.chargedMinor : transaction.requestedMinor;
  const amount = major(minor, currency);
  return {
    id,
    tx_ref: reference,
    flw_ref: flwRef(transaction),
    device_fingerprint: 'N/A',
    amount,
    currency,
    charged_amount: amount,
    app_fee: fromThousandths(feeOf(minor, currency)),
    merchant_fee: 0,
    processor_response: processorResponse(transaction),
    auth_model: detail['authModel'] ?? 'AUTH',
    ip: '127.0.0.1',
    narration: detail['narration'] ?? 'Sandbox',
    status: statusWord(transaction),
    payment_type: channel,
    created_at: new Date(transaction.createdAt).toISOString(),
    account_id: 1,
    ...(channel === 'card' && paid ? { card: card() } : {}),
    ...(paid ? { amount_settled: fromThousandths(worthOfCharge(transaction)) } : {}),
    customer: customer(transaction),
  };
}

/** The answer to a charge; its shape depends on the type, and some shapes give no id. */
export function chargeAnswer(transaction: Transaction, pageUrl: string): Answer {
  const { detail } = transaction;
  switch (detail['shape']) {
    case 'redirect':
      return initiated({ authorization: { redirect: pageUrl, mode: 'redirect' } });
    case 'card_redirect':
      return initiated({ authorization: { mode: 'redirect', redirect: pageUrl } }, transactionData(transaction));
    case 'transfer':
      return initiated({ authorization: transferAccount(transaction) });
    case 'otp':
      return initiated(
        { authorization: { mode: 'otp', endpoint: '/v3/validate-charge' } },
        transactionData(transaction),
      );
    case 'callback':
      return initiated({ authorization: { mode: 'callback', redirect_url: null } }, transactionData(transaction));
    case 'ussd': {
      const note = `*${String(detail['bank'])}*000*${transaction.id}#`;
      const data = { ...transactionData(transaction), payment_code: String(transaction.id) };
      return initiated({ authorization: { mode: 'ussd', note } }, data);
    }
    default:
      return initiated(undefined, transactionData(transaction));
  }
}

function initiated(meta: JsonObject | undefined, data?: JsonObject): Answer {
  return json(200, {
    status: 'success',
    message: 'Charge initiated',
    ...(data === undefined ? {} : { data }),
    ...(meta === undefined ? {} : { meta }),
  });
}

function transferAccount(transaction: Transaction): JsonObject {
  const { requestedMinor, currency, createdAt, detail } = transaction;
  const exponent = exponentOf(currency) ?? 2;
  const amount = decimalText(requestedMinor, exponent);
  const expires = new Date(createdAt + ACCOUNT_OPEN_MS).toISOString();
  return {
    transfer_reference: flwRef(transaction),
    transfer_account: detail['accountNumber'],
    transfer_bank: 'Mock Bank',
    account_expiration: `${expires.slice(0, 10)} ${expires.slice(11, 19)}`,
    transfer_note: 'Sandbox transfer',
    // Always two decimals here, whereas every other amount is a number.
    transfer_amount: amount.includes('.') ? amount.padEnd(amount.indexOf('.') + 3, '0') : `${amount}.00`,
    mode: 'banktransfer',
  };
}

export function flwRef({ id }: Transaction): string {
  return `${FLW_REF_PREFIX}${id}`;
}

/** @returns the id behind a `flw_ref`; NaN for anything else. */
export function idOfFlwRef(ref: string): number {
  return ref.startsWith(FLW_REF_PREFIX) ? Number(ref.slice(FLW_REF_PREFIX.length)) : Number.NaN;
}

/** A hosted payment has no transaction until the customer opens the page; one that waits for an OTP has. */
export function isThere({ status, detail }: Transaction): boolean {
  return status !== 'invited' || detail['shape'] === 'otp';
}

function processorResponse({ status, declineCode }: Transaction): string {
  if (status === 'succeeded') return 'Approved';
  if (status === 'failed') return declineCode ?? 'Transaction Failed';
  return 'Transaction in progress';
}

function customer({ customer: { email, phone, name }, createdAt }: Transaction): JsonObject {
  return {
    id: 1,
    name: name ?? 'Anonymous customer',
    phone_number: phone ?? null,
    email: email ?? null,
    created_at: new Date(createdAt).toISOString(),
  };
}

function card(): JsonObject {
  return {
    first_6digits: '408408',
    last_4digits: '4081',
    issuer: 'SANDBOX BANK',
    country: 'NG',
    type: 'VISA',
    token: 'flw-t1nf-sandbox-k3n',
    expiry: '12/30',
  };
}
