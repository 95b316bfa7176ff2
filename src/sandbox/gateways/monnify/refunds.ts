import type { Call, Reply } from '../../gateway.js';
import { decimalText, minorFromMajor } from '../../money.js';
import type { Movement, Movements } from '../../movements.js';
import { asObject, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import type { Office } from '../world.js';
import { done, refuse, TROUBLE } from './answers.js';
import { timestamp } from './bodies.js';
import { pageOf } from './list.js';
import { byTransactionReference, transactionReference } from './references.js';

const KOBO = 2;

/** Less than NGN 100 is not given back. Kobo. */
const LEAST_MINOR = 10_000;

const MAX_REASON = 64;
const MAX_NOTE = 16;

const STATUS_WORDS = {
  waiting: 'PENDING',
  pending: 'PENDING',
  succeeded: 'COMPLETED',
  failed: 'FAILED',
  returned: 'COMPLETED',
} as const;

export interface RefundOffice extends Office {
  readonly refunds: Movements;
}

/** `POST /api/v1/refunds/initiate-refund`: all of a payment, or a part of what is left of it. */
export function initiateRefund({ transactions, refunds, moneyOut, gateway }: RefundOffice, call: Call): Reply {
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const request = readRefund(body);
  if ('status' in request) return { answer: request };
  const { account, struck } = call;
  const charge = byTransactionReference(transactions, account.name, request.transactionReference);
  if (charge === undefined) return { answer: refuse(404, 'There is no transaction matching the supplied reference') };
  if (refunds.has(account.name, request.refundReference)) return { answer: r(9, 'Duplicate refund reference') };
  if (charge.status !== 'succeeded') return { answer: refuse(400, 'Only a paid transaction can be refunded') };
  const opened = moneyOut.open(
    gateway(),
    {
      account,
      kind: 'refund',
      reference: request.refundReference,
      requestedMinor: request.amountMinor,
      currency: charge.currency,
      charge,
      start: 'sent',
      detail: { ...request },
    },
    struck,
  );
  if (opened === 'above_rest') return { answer: r(3, 'Refund amount is more than the amount paid') };
  if (opened === 'above_balance') return { answer: r(5, 'Insufficient balance') };
  return { answer: done(refundBody(opened)), opened };
}

/** `GET /api/v1/refunds/:refundReference`. */
export function readOneRefund({ refunds }: RefundOffice, call: Call): Reply {
  const found = refunds.latest(call.account.name, call.params[0] ?? '');
  return { answer: found === undefined ? refuse(404, 'There is no such refund') : done(refundBody(found)) };
}

/** `GET /api/v1/refunds?page=&size=`, newest first. */
export function listRefunds({ refunds }: RefundOffice, call: Call): Reply {
  return { answer: pageOf(call, (page, size) => refunds.page(call.account.name, () => true, page, size), refundBody) };
}

/** The refund as the API and the webhooks show it; its amounts are numbers. */
export function refundBody(refund: Movement): JsonObject {
  const { detail, reference, requestedMinor, movedMinor, status, charge, createdAt, finishedAt, declineCode } = refund;
  const isPaid = status === 'succeeded';
  const isWhole = charge !== undefined && requestedMinor === charge.chargedMinor;
  return {
    refundReference: reference,
    transactionReference: charge === undefined ? null : transactionReference(charge),
    refundReason: detail['reason'],
    customerNote: detail['note'],
    refundAmount: Number(decimalText(isPaid ? movedMinor : requestedMinor, KOBO)),
    refundType: isWhole ? 'FULL_REFUND' : 'PARTIAL_REFUND',
    refundStatus: STATUS_WORDS[status],
    refundStrategy: detail['destination'] === undefined ? 'ORIGINAL_PAYMENT_SOURCE' : 'MERCHANT_WALLET',
    comment: status === 'failed' ? (declineCode ?? null) : null,
    createdOn: timestamp(createdAt),
    completedOn: finishedAt === undefined ? null : timestamp(finishedAt),
  };
}

interface RefundRequest {
  readonly transactionReference: string;
  readonly refundReference: string;
  readonly amountMinor: number;
  readonly reason: string;
  readonly note: string;
  readonly destination: string | undefined;
}

function readRefund(body: JsonObject): RefundRequest | Answer {
  const theirs = text(body, 'transactionReference');
  const ours = text(body, 'refundReference');
  if (theirs === undefined || ours === undefined) return refuse(400, 'Both references are required');
  const reason = text(body, 'refundReason') ?? '';
  const note = text(body, 'customerNote') ?? '';
  if (reason === '' || reason.length > MAX_REASON) return refuse(400, 'Refund reason must have 1 to 64 characters');
  if (note === '' || note.length > MAX_NOTE) return refuse(400, 'Customer note must have 1 to 16 characters');
  const amountMinor = minorFromMajor(body['refundAmount'], KOBO);
  if (amountMinor === undefined) return refuse(400, 'Refund amount is not valid');
  if (amountMinor < LEAST_MINOR) return r(4, 'Refund amount is less than NGN 100');
  const destination = text(body, 'destinationAccountNumber');
  return { transactionReference: theirs, refundReference: ours, amountMinor, reason, note, destination };
}

/** A refusal with one of the codes R1 to R12. */
function r(number: number, message: string): Answer {
  return refuse(400, message, `R${number}`);
}
