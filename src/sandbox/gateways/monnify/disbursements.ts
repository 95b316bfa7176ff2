import type { Call, Reply } from '../../gateway.js';
import { decimalText } from '../../money.js';
import type { Movement, Movements } from '../../movements.js';
import { asObject, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import type { Office } from '../world.js';
import { done, refuse, TROUBLE } from './answers.js';
import { timestamp } from './bodies.js';
import { isWallet, readDisbursement } from './disbursement-request.js';
import { pageOf } from './list.js';
import type { RecentPayouts } from './recent-payouts.js';

const KOBO = 2;

/** What a transfer is said to cost; the sandbox takes no fee. Naira. */
const FEE = 20;

/** The final words that a failure can have; a decline with another code is FAILED, and the code is the description. */
const FAILURE_WORDS = new Set(['FAILED', 'EXPIRED']);

export interface DisbursementOffice extends Office {
  readonly payouts: Movements;
  readonly recent: RecentPayouts;
}

/** `POST /api/v2/disbursements/single`. */
export function disburse({ payouts, recent, moneyOut, gateway }: DisbursementOffice, call: Call): Reply {
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const order = readDisbursement(body, call.account);
  if ('status' in order) return { answer: order };
  if (payouts.has(order.account.name, order.reference)) return { answer: refuse(422, 'Duplicate reference') };
  if (recent.hasTwin(order)) {
    return { answer: refuse(400, 'Duplicate request: same amount to the same destination', 'D07') };
  }
  const opened = moneyOut.open(gateway(), order, call.struck);
  if (typeof opened === 'string') return { answer: refuse(400, 'Insufficient balance in the source wallet') };
  recent.add(opened);
  return { answer: done(receipt(opened)), opened };
}

/** `POST /api/v2/disbursements/single/validate-otp`: any six digits will do, as nobody gets a message with a code. */
export function validateOtp({ payouts, moneyOut, gateway }: DisbursementOffice, call: Call): Reply {
  const body = asObject(parseJson(call.request.body));
  const found = waiting(payouts, call, text(body, 'reference'));
  if ('refusal' in found) return { answer: found.refusal };
  if (!/^\d{6}$/.test(text(body, 'authorizationCode') ?? '')) return { answer: refuse(400, 'Invalid OTP') };
  moneyOut.begin(gateway(), found.payout);
  return { answer: done(receipt(found.payout)) };
}

/** `POST /api/v2/disbursements/single/resend-otp`. */
export function resendOtp({ payouts }: DisbursementOffice, call: Call): Reply {
  const found = waiting(payouts, call, text(asObject(parseJson(call.request.body)), 'reference'));
  if ('refusal' in found) return { answer: found.refusal };
  return {
    answer: done({ message: 'Authorization code will be processed and sent to predefined email addresses(s)' }),
  };
}

/** `GET /api/v2/disbursements/single/summary?reference=`. */
export function summary({ payouts }: DisbursementOffice, call: Call): Reply {
  const found = payouts.latest(call.account.name, call.request.query.get('reference') ?? '');
  return { answer: found === undefined ? noSuchTransfer() : done(disbursementBody(found)) };
}

/** `GET /api/v2/disbursements/single/transactions`, newest first. */
export function listDisbursements({ payouts }: DisbursementOffice, call: Call): Reply {
  const read = (page: number, size: number): { items: Movement[]; total: number } =>
    payouts.page(call.account.name, () => true, page, size);
  return { answer: pageOf(call, read, disbursementBody) };
}

/** `GET /api/v2/disbursements/wallet-balance?accountNumber=`. */
export function walletBalance({ floats, gateway }: DisbursementOffice, call: Call): Reply {
  const { account, request } = call;
  if (!isWallet(account, request.query.get('accountNumber') ?? undefined)) {
    return { answer: refuse(404, 'Could not find the wallet') };
  }
  const { available, balance } = floats.of(gateway(), account.name, 'NGN');
  return { answer: done({ availableBalance: naira(available), ledgerBalance: naira(balance) }) };
}

/** The transfer as the summary and the webhooks show it; its amounts are numbers. */
export function disbursementBody(payout: Movement): JsonObject {
  const { detail, reference, id, status, movedMinor, requestedMinor, currency, createdAt, finishedAt } = payout;
  const isPaid = status === 'succeeded' || status === 'returned';
  return {
    amount: naira(isPaid ? movedMinor : requestedMinor),
    reference,
    narration: detail['narration'],
    currency,
    fee: FEE,
    twoFaEnabled: payout.start === 'waiting',
    transactionReference: `MFDS|${id}`,
    transactionDescription: description(payout),
    sourceAccountNumber: detail['sourceAccountNumber'],
    destinationAccountNumber: detail['accountNumber'],
    destinationAccountName: detail['accountName'],
    destinationBankCode: detail['bankCode'],
    destinationBankName: 'Sandbox Bank',
    createdOn: timestamp(createdAt),
    completedOn: finishedAt === undefined ? null : timestamp(finishedAt),
    status: statusOf(payout),
  };
}

export function statusOf({ status, declineCode = '', detail }: Movement): string {
  switch (status) {
    case 'waiting':
      return 'PENDING_AUTHORIZATION';
    case 'pending':
      return detail['isAsync'] === true ? 'AWAITING_PROCESSING' : 'PENDING';
    case 'succeeded':
      return 'SUCCESS';
    case 'returned':
      return 'REVERSED';
    case 'failed':
      return FAILURE_WORDS.has(declineCode) ? declineCode : 'FAILED';
  }
}

function receipt(payout: Movement): JsonObject {
  const { detail, reference, requestedMinor, createdAt } = payout;
  return {
    amount: naira(requestedMinor),
    reference,
    status: statusOf(payout),
    dateCreated: timestamp(createdAt),
    totalFee: FEE,
    destinationAccountName: detail['accountName'],
    destinationBankName: 'Sandbox Bank',
    destinationAccountNumber: detail['accountNumber'],
    destinationBankCode: detail['bankCode'],
  };
}

function description({ status, declineCode }: Movement): string {
  if (status === 'failed') return declineCode ?? 'Transaction failed';
  return status === 'succeeded' ? 'Approved or completed successfully' : '';
}

function waiting(
  payouts: Movements,
  call: Call,
  reference: string | undefined,
): { payout: Movement } | { refusal: Answer } {
  const payout = payouts.latest(call.account.name, reference ?? '');
  if (payout === undefined) return { refusal: noSuchTransfer() };
  if (payout.status === 'waiting') return { payout };
  return { refusal: refuse(400, 'Transaction is not awaiting authorization') };
}

function noSuchTransfer(): Answer {
  return refuse(404, 'There is no transfer matching the supplied reference');
}

function naira(minor: number): number {
  return minor < 0 ? -Number(decimalText(-minor, KOBO)) : Number(decimalText(minor, KOBO));
}
