import type { Call, Gateway, Reply, Route } from '../../gateway.js';
import { exponentOf, minorFromMajor } from '../../money.js';
import type { Shortage } from '../../money-out.js';
import type { Movement, Movements } from '../../movements.js';
import type { Transaction } from '../../transactions.js';
import { asObject, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import type { World } from '../world.js';
import { major } from './amounts.js';
import { done, refuse, TROUBLE } from './answers.js';
import { flwRef } from './bodies.js';
import { recordsPage } from './list.js';

const REFUSALS: Readonly<Record<Shortage, string>> = {
  above_balance: 'Insufficient funds in customer wallet',
  above_rest: 'Refund amount is greater than what is left of the transaction',
};

/** Money back to the customer. No webhook tells of it: the merchant asks. */
export function refundRoutes(
  { moneyOut }: World,
  find: (call: Call) => Transaction | undefined,
  refunds: Movements,
  gateway: () => Gateway,
): Route[] {
  const create = (call: Call): Reply => {
    // A body is not needed: without an amount everything goes back.
    const body = call.request.body === '' ? {} : asObject(parseJson(call.request.body));
    if (body === undefined) return { answer: TROUBLE.malformedBody };
    const charge = find(call);
    if (charge === undefined) return { answer: refuse(400, 'No transaction was found for this id') };
    const amount = readAmount(body, charge, moneyOut.restOf(charge));
    if (typeof amount !== 'number') return { answer: amount };
    const { account, struck } = call;
    const { reference, currency } = charge;
    const note = text(body, 'comments');
    const opened = moneyOut.open(
      gateway(),
      {
        account,
        kind: 'refund',
        reference,
        requestedMinor: amount,
        currency,
        charge,
        start: 'sent',
        detail: { comments: note },
        ...(note === undefined ? {} : { note }),
      },
      struck,
    );
    if (typeof opened === 'string') return { answer: refuse(400, REFUSALS[opened]) };
    return { answer: done('Transaction refund initiated', refundData(opened)), opened };
  };

  // The two questions are not in the stored pages; their shape is that of the creation.
  const one = (call: Call): Reply => {
    const found = refunds.byId(call.account.name, Number(call.params[0]));
    return {
      answer: found === undefined ? refuse(404, 'Refund not found') : done('Refund fetched', refundData(found)),
    };
  };
  const list = (call: Call): Reply => {
    const id = call.request.query.get('id') ?? call.request.query.get('tx_id');
    const wanted = ({ charge }: Movement): boolean => id === null || String(charge?.id) === id;
    return { answer: recordsPage(call, refunds, wanted, 'Refunds fetched', refundData) };
  };

  return [
    { method: 'POST', path: /^\/v3\/transactions\/(\d+)\/refund\/?$/, operation: 'refund', handle: create },
    { method: 'GET', path: /^\/v3\/refunds\/(\d+)\/?$/, operation: 'verify', handle: one },
    { method: 'GET', path: /^\/v3\/refunds\/?$/, operation: 'list', handle: list },
  ];
}

function refundData(refund: Movement): JsonObject {
  const { id, charge, currency, createdAt, detail } = refund;
  const minor = refund.status === 'succeeded' ? refund.movedMinor : refund.requestedMinor;
  return {
    id,
    account_id: 1,
    tx_id: charge?.id,
    flw_ref: charge === undefined ? null : flwRef(charge),
    wallet_id: 1,
    amount_refunded: major(minor, currency),
    status: statusWord(refund),
    destination: 'payment_source',
    comments: detail['comments'] ?? '',
    meta: refund.status === 'failed' ? { reason: refund.declineCode } : { source: 'ledgerbalance' },
    created_at: new Date(createdAt).toISOString(),
  };
}

/** The words vary with the way the money goes; what they begin with says how it stands. */
function statusWord({ status, charge }: Movement): string {
  const isMobile = charge?.channel.startsWith('mobilemoney') === true || charge?.channel === 'mpesa';
  if (status === 'succeeded') return isMobile ? 'completed-momo' : 'completed';
  if (status === 'failed') return 'failed';
  return isMobile ? 'pending-momo' : 'processing';
}

function readAmount(body: JsonObject, charge: Transaction, rest: number): number | Answer {
  if (charge.status !== 'succeeded') return refuse(400, 'Only a successful transaction can be refunded');
  if (rest <= 0) return refuse(400, 'Transaction has been fully refunded');
  if (body['amount'] === undefined) return rest;
  const minor = minorFromMajor(body['amount'], exponentOf(charge.currency) ?? 2);
  return minor === undefined || minor <= 0 ? refuse(400, 'amount must be a positive number') : minor;
}
