import { DEFAULT_CREDENTIALS, type Account } from '../../accounts.js';
import { UNDISTURBED, type ChargePlan } from '../../charge-plan.js';
import type { Call, Gateway, OpenCall, Reply } from '../../gateway.js';
import { decimalText, exponentOf } from '../../money.js';
import { Transactions, type NewCharge, type Transaction } from '../../transactions.js';
import { asObject, basicUser, bearer, header, json, parseJson, type Answer } from '../../wire.js';
import type { World } from '../world.js';
import { EMPTY_ACCEPTED, refuse, refuseAccess, TROUBLE } from './answers.js';
import { callback, statusBody } from './bodies.js';
import { readRequestToPay, REFERENCE_ID, targetCurrency } from './request-to-pay.js';
import { testNumberPlan } from './test-numbers.js';
import { Tokens } from './tokens.js';

const SUBSCRIPTION_KEY = 'ocp-apim-subscription-key';

/** MTN Mobile Money's collection product: https://momodeveloper.mtn.com, impersonated. */
export function createMtnMomo({ accounts, charges, ledger }: World): Gateway {
  const transactions = new Transactions();
  const tokens = new Tokens();

  const token = ({ request: { headers } }: OpenCall): Reply => {
    const account = subscriber(headers[SUBSCRIPTION_KEY], basicUser(headers));
    if (account === undefined) return { answer: refuseAccess('Access denied due to invalid credentials.') };
    return { answer: json(200, tokens.issue(account)) };
  };

  /** The account whose API user, API key and subscription key all agree. */
  const subscriber = (key: unknown, user: { name: string; secret: string } | undefined): Account | undefined => {
    const account = user === undefined ? undefined : accounts.find('mtn_momo', 'api_user', user.name);
    if (account?.credentials['api_key'] !== user?.secret) return undefined;
    return account?.credentials['subscription_key'] === key ? account : undefined;
  };

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

  const balance = (call: Call): Reply => {
    const currency = targetCurrency(call.request.headers);
    if (typeof currency !== 'string') return { answer: currency };
    const minor = ledger.moved('mtn_momo', call.account.name, currency).charge;
    return { answer: json(200, { availableBalance: decimalText(minor, exponentOf(currency) ?? 0), currency }) };
  };

  const authenticate = ({ headers }: Call['request']): Account | Answer => {
    const presented = bearer(headers);
    const name = presented === undefined ? undefined : tokens.accountOf(presented);
    const account = name === undefined ? undefined : accounts.get('mtn_momo', name);
    if (account === undefined) return refuseAccess('Access denied due to missing or expired token.');
    if (account.credentials['subscription_key'] !== headers[SUBSCRIPTION_KEY]) {
      return refuseAccess('Access denied due to invalid subscription key.');
    }
    return account;
  };

  const gateway: Gateway = {
    name: 'mtn_momo',
    transactions,
    requiredCredentials: ['api_user', 'api_key', 'subscription_key'],
    // `callback_host`: the registered providerCallbackHost; `token_seconds`: a token life other than the usual hour.
    optionalCredentials: ['callback_host', 'token_seconds'],
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
      { method: 'POST', path: /^\/collection\/token\/?$/, operation: 'token', open: true, handle: token },
      { method: 'GET', path: /^\/collection\/v1_0\/account\/balance$/, operation: 'other', handle: balance },
      {
        method: 'GET',
        path: /^\/collection\/v1_0\/accountholder\/msisdn\/(\d+)\/active$/,
        operation: 'other',
        handle: () => ({ answer: json(200, { result: true }) }),
      },
    ],
    authenticate,
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
