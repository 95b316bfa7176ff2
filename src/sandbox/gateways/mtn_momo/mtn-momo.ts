import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import { UNDISTURBED, type ChargePlan } from '../../charge-plan.js';
import type { Call, Gateway, OpenCall, Reply } from '../../gateway.js';
import { decimalText, exponentOf } from '../../money.js';
import { Movements, type NewMovement, type OutPlan } from '../../movements.js';
import { Transactions, type NewCharge, type Transaction } from '../../transactions.js';
import { asObject, header, json, parseJson } from '../../wire.js';
import type { World } from '../world.js';
import { EMPTY_ACCEPTED, refuse, TROUBLE } from './answers.js';
import { callback, statusBody } from './bodies.js';
import { DECLINED_OUT, disbursementRoutes, movementCallback } from './disbursement.js';
import { authenticate, issueToken, productOf } from './products.js';
import { readRequestToPay, REFERENCE_ID, targetCurrency } from './request-to-pay.js';
import { payoutTestNumberPlan, testNumberPlan } from './test-numbers.js';
import { Tokens } from './tokens.js';

/** MTN Mobile Money's collection and disbursement products: https://momodeveloper.mtn.com, impersonated. */
export function createMtnMomo(world: World): Gateway {
  const { accounts, charges, floats, ledger } = world;
  const transactions = new Transactions();
  const refunds = new Movements();
  const payouts = new Movements();
  const tokens = new Tokens();

  const requestToPay = (call: Call): Reply => {
    const referenceId = header(call.request.headers, 'x-reference-id') ?? '';
    if (!REFERENCE_ID.test(referenceId))
      return { answer: refuse(400, 'INVALID_REFERENCE_ID', 'X-Reference-Id must be a UUID version 4.') };
    const body = asObject(parseJson(call.request.body));
    // A malformed body is answered without one.
    if (body === undefined) return { answer: { status: 400, body: '' } };
    const order = readRequestToPay(body, call);
    if ('status' in order) return { answer: order };
    if (transactions.has(call.account.name, referenceId.toLowerCase())) {
      return { answer: refuse(409, 'RESOURCE_ALREADY_EXIST', 'Duplicated reference id. Creation of resource failed.') };
    }
    const { account, struck } = call;
    const opened = charges.open(
      gateway,
      { account, reference: referenceId.toLowerCase(), start: 'asked', ...order },
      struck,
    );
    return { answer: EMPTY_ACCEPTED, opened };
  };

  const status = (call: Call): Reply => {
    const found = transactions.latest(call.account.name, (call.params[0] ?? '').toLowerCase());
    return {
      answer: found
        ? json(200, statusBody(found))
        : refuse(404, 'RESOURCE_NOT_FOUND', 'Requested resource was not found.'),
    };
  };

  /** Each product has a purse of its own: what was collected, and what was put in to be paid out. */
  const balance = (call: Call): Reply => {
    const currency = targetCurrency(call.request.headers);
    if (typeof currency !== 'string') return { answer: currency };
    const { name } = call.account;
    const minor =
      productOf(call.request.path) === 'disbursement'
        ? floats.of(gateway, name, currency).available
        : ledger.moved('mtn_momo', name, currency).charge;
    return { answer: json(200, { availableBalance: decimalText(minor, exponentOf(currency) ?? 0), currency }) };
  };

  const gateway: Gateway = {
    name: 'mtn_momo',
    transactions,
    requiredCredentials: ['api_user', 'api_key', 'subscription_key'],
    // `callback_host`: the registered providerCallbackHost; `token_seconds`: a token life other than the usual hour.
    // The three of `disbursement_` open the product that pays out.
    optionalCredentials: [
      'callback_host',
      'token_seconds',
      'disbursement_api_user',
      'disbursement_api_key',
      'disbursement_subscription_key',
    ],
    defaultCredentials: DEFAULT_CREDENTIALS.mtn_momo,
    declineCodes: {
      insufficientFunds: 'NOT_ENOUGH_FUNDS',
      customerRejected: 'APPROVAL_REJECTED',
      expired: 'COULD_NOT_PERFORM_TRANSACTION',
    },
    // One try and no other: what is not taken then has to be asked for.
    webhookRetryMs: [],
    trouble: TROUBLE,
    routes: [
      { method: 'POST', path: /^\/collection\/v1_0\/requesttopay\/?$/, operation: 'create', handle: requestToPay },
      { method: 'GET', path: /^\/collection\/v1_0\/requesttopay\/([^/]+)$/, operation: 'verify', handle: status },
      {
        method: 'POST',
        path: /^\/(?:collection|disbursement)\/token\/?$/,
        operation: 'token',
        open: true,
        handle: (call: OpenCall) => issueToken(accounts, tokens, call),
      },
      {
        method: 'GET',
        path: /^\/(?:collection|disbursement)\/v1_0\/account\/balance$/,
        operation: 'other',
        handle: balance,
      },
      {
        method: 'GET',
        path: /^\/(?:collection|disbursement)\/v1_0\/accountholder\/msisdn\/(\d+)\/active$/,
        operation: 'other',
        handle: () => ({ answer: json(200, { result: true }) }),
      },
      ...disbursementRoutes(world, { transactions, refunds, payouts }, () => gateway),
    ],
    moneyOut: {
      refunds,
      payouts,
      declineCodes: DECLINED_OUT,
      wallet: 'deposit',
      // A transfer ends as successful or failed, and stays so.
      returnsPayouts: false,
      adjustPlan: (order: NewMovement, plan: OutPlan): OutPlan =>
        order.detail['targetEnvironment'] === 'sandbox' && plan === UNDISTURBED
          ? (payoutTestNumberPlan(order.phone) ?? plan)
          : plan,
      webhook: movementCallback,
    },
    authenticate: (request) => authenticate(accounts, tokens, request),
    adjustPlan: (charge: NewCharge, plan: ChargePlan): ChargePlan =>
      charge.detail['targetEnvironment'] === 'sandbox' && plan === UNDISTURBED
        ? (testNumberPlan(charge.customer.phone) ?? plan)
        : plan,
    webhook: callback,
    forgedWebhook: (transaction: Transaction) =>
      callback({ ...transaction, status: 'succeeded', finishedAt: Date.now() }),
  };
  return gateway;
}
