import type { Call, Gateway, Reply, Route } from '../../gateway.js';
import type { Shortage } from '../../money-out.js';
import type { Movement, Movements } from '../../movements.js';
import type { Transaction, Transactions } from '../../transactions.js';
import { asObject, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import type { World } from '../world.js';
import { done, refuse, TROUBLE } from './answers.js';
import { pageOf } from './list.js';
import { NEEDS_ATTENTION, refundData } from './refund-bodies.js';
import { minorOf, readSubunits, subunits } from './subunits.js';

const REFUSALS: Readonly<Record<Shortage, string>> = {
  above_balance: 'Your balance is not enough to fulfil this request',
  above_rest: 'Refund amount is more than what is left of the transaction',
};

/** Money back to the customer: `/refund`. */
export function refundRoutes(
  { moneyOut }: World,
  transactions: Transactions,
  refunds: Movements,
  gateway: () => Gateway,
): Route[] {
  const create = (call: Call): Reply => {
    const body = asObject(parseJson(call.request.body));
    if (body === undefined) return { answer: TROUBLE.malformedBody };
    const charge = chargeOf(transactions, call, body['transaction']);
    if (charge === undefined) return { answer: invalid('Transaction not found', 'transaction_not_found') };
    const amount = readAmount(body, charge, moneyOut.restOf(charge));
    if (typeof amount !== 'number') return { answer: amount };
    const note = text(body, 'merchant_note');
    const { account, struck } = call;
    const { reference, currency } = charge;
    const detail = { merchantNote: note, customerNote: text(body, 'customer_note') };
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
        detail,
        ...(note === undefined ? {} : { note }),
      },
      struck,
    );
    if (typeof opened === 'string') return { answer: invalid(REFUSALS[opened], 'invalid_params') };
    // As it was when it was taken, however long this process has been kept from running since.
    const answer = done('Refund has been queued for processing', refundData(opened, opened.createdAt));
    return { answer, opened };
  };

  /** Only a refund that needs the customer's account takes one, and then goes its way. */
  const retry = (call: Call): Reply => {
    const found = refunds.byId(call.account.name, Number(call.params[0]));
    if (found === undefined) return { answer: notFound() };
    const details = asObject(asObject(parseJson(call.request.body))?.['refund_account_details']);
    if (text(details, 'account_number') === undefined || text(details, 'bank_id') === undefined) {
      return { answer: invalid('Account number and bank id are required', 'missing_params') };
    }
    if (found.status !== 'failed' || found.declineCode !== NEEDS_ATTENTION) {
      return { answer: refuse(422, 'Refund does not need attention', 'validation_error', 'invalid_params') };
    }
    const shortage = moneyOut.retry(gateway(), found);
    if (shortage !== undefined) return { answer: invalid(REFUSALS[shortage], 'invalid_params') };
    return { answer: done('Refund retried and has been queued for processing', refundData(found)) };
  };

  const one = (call: Call): Reply => {
    const found = refunds.byId(call.account.name, Number(call.params[0]));
    return { answer: found === undefined ? notFound() : done('Refund retrieved', refundData(found)) };
  };

  const list = (call: Call): Reply => ({
    answer: pageOf(call, refunds, wantedBy(call.request.query), 'Refunds retrieved', (refund) => refundData(refund)),
  });

  return [
    { method: 'POST', path: /^\/refund\/?$/, operation: 'refund', handle: create },
    { method: 'POST', path: /^\/refund\/retry_with_customer_details\/(\d+)$/, operation: 'other', handle: retry },
    { method: 'GET', path: /^\/refund\/(\d+)$/, operation: 'verify', handle: one },
    { method: 'GET', path: /^\/refund\/?$/, operation: 'list', handle: list },
  ];
}

function wantedBy(query: URLSearchParams): (refund: Movement) => boolean {
  const of = query.get('transaction') ?? query.get('reference');
  const currency = query.get('currency');
  return ({ charge, currency: own }) =>
    (of === null || charge?.reference === of || String(charge?.id) === of) && (currency === null || own === currency);
}

/** The charge is named by its reference or by its id. */
function chargeOf(transactions: Transactions, { account }: Call, named: unknown): Transaction | undefined {
  if (typeof named !== 'string' && typeof named !== 'number') return undefined;
  return transactions.latest(account.name, String(named)) ?? transactions.byId(account.name, Number(named));
}

/** @returns the amount to give back in ISO minor units: what is asked, else the whole rest; or the refusal. */
function readAmount(body: JsonObject, charge: Transaction, rest: number): number | Answer {
  if (charge.status !== 'succeeded') return invalid('Transaction has not been paid', 'invalid_params');
  if (body['currency'] !== undefined && body['currency'] !== charge.currency) {
    return invalid('Currency is not the one of the transaction', 'unsupported_currency');
  }
  if (rest <= 0) return invalid('Transaction has been fully reversed', 'transaction_reversed');
  const asked = body['amount'] === undefined ? subunits(rest, charge.currency) : readSubunits(body['amount']);
  const minor = asked === undefined ? 0 : minorOf(asked, charge.currency);
  return minor > 0 ? minor : invalid('Invalid Amount Sent', 'invalid_params');
}

function notFound(): Answer {
  return refuse(404, 'Refund not found', 'validation_error', 'refund_not_found');
}

function invalid(message: string, code: string): Answer {
  return refuse(400, message, 'validation_error', code);
}
