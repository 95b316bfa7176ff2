import type { Call, Gateway, Reply, Route } from '../../gateway.js';
import { decimalText, exponentOf } from '../../money.js';
import type { Movement, Movements, NewMovement } from '../../movements.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import type { Transaction, Transactions } from '../../transactions.js';
import { asObject, header, json, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import type { World } from '../world.js';
import { EMPTY_ACCEPTED, refuse } from './answers.js';
import { malformed, readOrder, readParty, REFERENCE_ID } from './request-to-pay.js';

/** Why money does not go out, in MTN's words. */
export const DECLINED_OUT = {
  refund: { unpayable: 'INTERNAL_PROCESSING_ERROR', expired: 'COULD_NOT_PERFORM_TRANSACTION' },
  payout: { unpayable: 'PAYEE_NOT_ALLOWED_TO_RECEIVE', expired: 'COULD_NOT_PERFORM_TRANSACTION' },
};

/** The reason given where the account does not hold the money, and where the charge has no such rest. */
const TOO_LITTLE = 'NOT_ENOUGH_FUNDS';
const NOTHING_TO_REFUND = 'INTERNAL_PROCESSING_ERROR';

const STATUS_WORDS: Readonly<Record<Movement['status'], string>> = {
  waiting: 'PENDING',
  pending: 'PENDING',
  succeeded: 'SUCCESSFUL',
  failed: 'FAILED',
  returned: 'SUCCESSFUL',
};

/** The disbursement product: `transfer` and `refund`. Whatever is well formed gets its 202; what is doomed fails afterwards. */
export function disbursementRoutes(
  { moneyOut }: World,
  books: { readonly transactions: Transactions; readonly refunds: Movements; readonly payouts: Movements },
  gateway: () => Gateway,
): Route[] {
  const { transactions, refunds, payouts } = books;

  const create = (call: Call, kind: 'refund' | 'payout'): Reply => {
    const reference = (header(call.request.headers, 'x-reference-id') ?? '').toLowerCase();
    if (!REFERENCE_ID.test(reference)) {
      return { answer: refuse(400, 'INVALID_REFERENCE_ID', 'X-Reference-Id must be a UUID version 4.') };
    }
    const body = asObject(parseJson(call.request.body));
    const order = body === undefined ? malformed() : readOrder(body, call);
    if (body === undefined || 'status' in order) return { answer: 'status' in order ? order : malformed() };
    const aim = kind === 'refund' ? readCharge(body, call, transactions) : readPayee(body);
    if ('status' in aim) return { answer: aim };
    if (payouts.has(call.account.name, reference) || refunds.has(call.account.name, reference)) {
      return { answer: refuse(409, 'RESOURCE_ALREADY_EXIST', 'Duplicated reference id. Creation of resource failed.') };
    }
    const { party, ...rest } = aim;
    const movement: NewMovement = {
      account: call.account,
      kind,
      reference,
      ...order,
      ...rest,
      start: 'sent',
      detail: { ...order.detail, ...party },
    };
    const doom = kind === 'refund' && !isRefundable(movement) ? NOTHING_TO_REFUND : doomOf(movement);
    const opened = moneyOut.open(
      gateway(),
      { ...movement, ...(doom === undefined ? {} : { failsWith: doom }) },
      call.struck,
    );
    return typeof opened === 'string' ? { answer: EMPTY_ACCEPTED } : { answer: EMPTY_ACCEPTED, opened };
  };

  const doomOf = (movement: NewMovement): string | undefined => {
    const shortage = moneyOut.shortageOf(gateway(), movement);
    if (shortage === undefined) return undefined;
    return shortage === 'above_balance' ? TOO_LITTLE : NOTHING_TO_REFUND;
  };

  return [
    {
      method: 'POST',
      path: /^\/disbursement\/v1_0\/transfer\/?$/,
      operation: 'payout',
      handle: (call) => create(call, 'payout'),
    },
    {
      method: 'POST',
      path: /^\/disbursement\/v[12]_0\/refund\/?$/,
      operation: 'refund',
      handle: (call) => create(call, 'refund'),
    },
    {
      method: 'GET',
      path: /^\/disbursement\/v1_0\/transfer\/([^/]+)$/,
      operation: 'verify',
      handle: status(payouts),
    },
    { method: 'GET', path: /^\/disbursement\/v[12]_0\/refund\/([^/]+)$/, operation: 'verify', handle: status(refunds) },
  ];
}

/** How a transfer or a refund stands. */
function status(book: Movements): (call: Call) => Reply {
  return (call) => {
    const found = book.latest(call.account.name, (call.params[0] ?? '').toLowerCase());
    const unknown = (): Answer => refuse(404, 'RESOURCE_NOT_FOUND', 'Requested resource was not found.');
    return { answer: found === undefined ? unknown() : json(200, movementBody(found)) };
  };
}

/** The callback, by PUT, to the address the request named, and nowhere without one. */
export function movementCallback(movement: Movement): OutgoingWebhook | undefined {
  const url = movement.detail['callbackUrl'];
  if (typeof url !== 'string') return undefined;
  const headers = { 'content-type': 'application/json' };
  return { method: 'PUT', url, headers, body: JSON.stringify(movementBody(movement)) };
}

/** The body of the status query and of the callback. */
function movementBody(movement: Movement): JsonObject {
  const { status, currency, detail, declineCode, id } = movement;
  const wasPaid = status === 'succeeded' || status === 'returned';
  const asAsked = !wasPaid || movement.movedMinor === movement.requestedMinor;
  return {
    ...(wasPaid ? { financialTransactionId: String(id) } : {}),
    externalId: detail['externalId'],
    // Echoed as it was written, unless another amount was paid.
    amount: asAsked ? detail['amount'] : decimalText(movement.movedMinor, exponentOf(currency) ?? 0),
    currency,
    ...(movement.kind === 'payout'
      ? { payee: { partyIdType: detail['partyIdType'], partyId: detail['partyId'] } }
      : { referenceIdToRefund: detail['referenceIdToRefund'] }),
    payerMessage: detail['payerMessage'],
    payeeNote: detail['payeeNote'],
    status: STATUS_WORDS[status],
    ...(status === 'failed' ? { reason: declineCode } : {}),
  };
}

interface Aim {
  readonly phone?: string;
  readonly charge?: Transaction;
  readonly party: JsonObject;
}

function readPayee(body: JsonObject): Aim | Answer {
  const party = readParty(body, 'payee');
  if ('status' in party) return party;
  return { party: { ...party }, ...(party.partyIdType === 'MSISDN' ? { phone: party.partyId } : {}) };
}

/** The charge to give back is named by the UUID of its request to pay; where there is none, the refund will fail. */
function readCharge(body: JsonObject, call: Call, transactions: Transactions): Aim | Answer {
  const named = text(body, 'referenceIdToRefund')?.toLowerCase() ?? '';
  if (!REFERENCE_ID.test(named)) return malformed();
  const charge = transactions.latest(call.account.name, named);
  return { party: { referenceIdToRefund: named }, ...(charge === undefined ? {} : { charge }) };
}

function isRefundable({ charge, currency }: NewMovement): boolean {
  return charge?.status === 'succeeded' && charge.currency === currency;
}
