import { DEFAULT_CREDENTIALS, type Account } from '../../accounts.js';
import type { Call, Gateway, OpenCall, Reply } from '../../gateway.js';
import { openHostedPage, withQuery } from '../../hosted-page.js';
import { Movements } from '../../movements.js';
import { Settlements } from '../../settlements.js';
import { Transactions, type NewCharge, type Transaction } from '../../transactions.js';
import { asObject, bearer, parseJson, text, type Answer } from '../../wire.js';
import type { World } from '../world.js';
import { done, refuse, TROUBLE } from './answers.js';
import { worthOfCharge } from './amounts.js';
import { balanceRoutes } from './balances.js';
import { chargeAnswer, idOfFlwRef, isThere, statusWord, transactionData } from './bodies.js';
import { readCharge, readMethod, readToken, type ChargeRequest } from './charge-request.js';
import { readList } from './list.js';
import { refundRoutes } from './refunds.js';
import { settlementRoutes, worthOfRefund } from './settlements.js';
import { transferWebhook } from './transfer-bodies.js';
import { transferRoutes } from './transfers.js';
import { flutterwaveWebhook, tamperedWebhook } from './webhook.js';
import { WEBHOOK_RETRIES_MS } from '../../webhooks.js';

/** Why money does not go out, in Flutterwave's words. */
const DECLINED_OUT = {
  refund: { unpayable: 'Refund could not be completed', expired: 'Refund timed out' },
  payout: { unpayable: 'DISBURSE FAILED: Invalid account', expired: 'DISBURSE FAILED: Timed out' },
};

const NO_SUCH_ID = 'No transaction was found for this id';

/** Flutterwave v3: https://developer.flutterwave.com/v3.0.0, impersonated. */
export function createFlutterwave(world: World): Gateway {
  const { accounts, charges } = world;
  const transactions = new Transactions();
  const refunds = new Movements();
  const payouts = new Movements();
  const settlements = new Settlements({ ofCharge: worthOfCharge, ofRefund: worthOfRefund });
  /** `tx_ref` is not checked for a repeat: the real gateway charges again, and so does this one. */
  const open = (
    call: Call,
    request: ChargeRequest,
    method: Pick<NewCharge, 'channel' | 'start' | 'detail'>,
  ): Transaction => {
    const { txRef, amountMinor, currency, customer, redirectUrl, narration } = request;
    const detail = { redirectUrl, narration, ...method.detail };
    const { account, struck } = call;
    return charges.open(
      gateway,
      { account, reference: txRef, requestedMinor: amountMinor, currency, customer, ...method, detail },
      struck,
    );
  };
  const read = (call: Call): ChargeRequest | Answer => {
    const body = asObject(parseJson(call.request.body));
    return body === undefined ? TROUBLE.malformedBody : readCharge(body);
  };

  const charge = (call: Call): Reply => {
    const request = read(call);
    if ('status' in request) return { answer: request };
    const method = readMethod(call.request.query.get('type'), request);
    if ('status' in method) return { answer: method };
    const opened = open(call, request, method);
    return { answer: chargeAnswer(opened, pageUrl(call.baseUrl, opened)), opened };
  };

  const tokenized = (call: Call): Reply => {
    const request = read(call);
    if ('status' in request) return { answer: request };
    const method = readToken(request);
    if ('status' in method) return { answer: method };
    const opened = open(call, request, method);
    return { answer: done('Charge successful', transactionData(opened)), opened };
  };

  const hosted = (call: Call): Reply => {
    const request = read(call);
    if ('status' in request) return { answer: request };
    if (request.redirectUrl === undefined) return { answer: refuse(400, 'redirect_url is required') };
    const opened = open(call, request, { channel: 'card', start: 'invited', detail: { shape: 'hosted' } });
    return { answer: done('Hosted Link', { link: pageUrl(call.baseUrl, opened) }), opened };
  };

  const verifyById = (call: Call): Reply => {
    const found = findById(transactions, call);
    return {
      answer: found ? done('Transaction fetched successfully', transactionData(found)) : refuse(400, NO_SUCH_ID),
    };
  };

  /** Where a `tx_ref` was used more than once there is no right answer; the newest transaction is given. */
  const verifyByReference = (call: Call): Reply => {
    const txRef = call.request.query.get('tx_ref');
    if (txRef === null || txRef === '') return { answer: refuse(400, 'tx_ref is required') };
    const found = transactions.latest(call.account.name, txRef);
    if (found === undefined || !isThere(found)) {
      return { answer: refuse(404, 'No transaction was found for this reference') };
    }
    return { answer: done('Transaction fetched successfully', transactionData(found)) };
  };

  const resend = (call: Call): Reply => {
    const found = findById(transactions, call);
    if (found === undefined) return { answer: refuse(400, NO_SUCH_ID) };
    charges.resend(gateway, found);
    return {
      answer: done('hook sent', found.status === 'pending' ? 'hook not sent: transaction is pending' : 'hook sent'),
    };
  };

  /** The customer's OTP arrives: any will do, as no bank stands behind it. */
  const validate = (call: Call): Reply => {
    const body = asObject(parseJson(call.request.body));
    const found = transactions.byId(call.account.name, idOfFlwRef(text(body, 'flw_ref') ?? ''));
    if (found === undefined) return { answer: refuse(404, 'No transaction was found for this flw_ref') };
    if (text(body, 'otp') === undefined) return { answer: refuse(400, 'otp is required') };
    if (found.detail['shape'] !== 'otp' || found.status !== 'invited') {
      return { answer: refuse(400, 'Transaction is not waiting for an OTP') };
    }
    charges.begin(gateway, found);
    return { answer: done('Charge validated', transactionData(found)) };
  };

  const checkout = (call: OpenCall): Reply =>
    openHostedPage(charges, gateway, pageOf(transactions, call.params[0] ?? '', call.params[1] ?? ''), (paid) =>
      withQuery(text(paid.detail, 'redirectUrl'), {
        status: statusWord(paid),
        tx_ref: paid.reference,
        transaction_id: String(paid.id),
      }),
    );

  const gateway: Gateway = {
    name: 'flutterwave',
    transactions,
    requiredCredentials: ['secret_key', 'secret_hash'],
    optionalCredentials: [],
    defaultCredentials: DEFAULT_CREDENTIALS.flutterwave,
    declineCodes: {
      insufficientFunds: 'Insufficient Funds',
      customerRejected: 'Transaction was declined by the customer',
      expired: 'Transaction timed out',
    },
    webhookRetryMs: WEBHOOK_RETRIES_MS,
    trouble: TROUBLE,
    routes: [
      { method: 'POST', path: /^\/v3\/charges\/?$/, operation: 'create', handle: charge },
      { method: 'POST', path: /^\/v3\/tokenized-charges\/?$/, operation: 'create', handle: tokenized },
      { method: 'POST', path: /^\/v3\/payments\/?$/, operation: 'create', handle: hosted },
      { method: 'POST', path: /^\/v3\/validate-charge\/?$/, operation: 'other', handle: validate },
      { method: 'GET', path: /^\/v3\/transactions\/(\d+)\/verify\/?$/, operation: 'verify', handle: verifyById },
      {
        method: 'GET',
        path: /^\/v3\/transactions\/verify_by_reference\/?$/,
        operation: 'verify',
        handle: verifyByReference,
      },
      {
        method: 'GET',
        path: /^\/v3\/transactions\/?$/,
        operation: 'list',
        handle: (call) => ({ answer: readList(transactions, call) }),
      },
      { method: 'POST', path: /^\/v3\/transactions\/(\d+)\/resend-hook\/?$/, operation: 'other', handle: resend },
      {
        method: 'GET',
        path: /^\/v3\/hosted\/pay\/([0-9a-f]+)\.(\w+)$/,
        operation: 'page',
        open: true,
        handle: checkout,
      },
      ...refundRoutes(
        world,
        (call) => findById(transactions, call),
        refunds,
        () => gateway,
      ),
      ...transferRoutes(world, payouts, () => gateway),
      ...balanceRoutes(world.floats, () => gateway),
      ...settlementRoutes(settlements),
    ],
    settlements,
    moneyOut: {
      refunds,
      payouts,
      declineCodes: DECLINED_OUT,
      wallet: 'collections',
      // A transfer ends as successful or failed, and stays so.
      returnsPayouts: false,
      webhook: (movement) => (movement.kind === 'payout' ? transferWebhook(movement) : undefined),
    },
    authenticate: ({ headers }): Account | Answer => {
      const key = bearer(headers);
      if (key === undefined) return refuse(401, 'Authorization required');
      return accounts.find('flutterwave', 'secret_key', key) ?? refuse(401, 'Invalid authorization key');
    },
    // "completed" is finished, not paid: a failure is told too.
    webhook: (transaction) =>
      transaction.status === 'succeeded' || transaction.status === 'failed'
        ? flutterwaveWebhook(transaction)
        : undefined,
    forgedWebhook: tamperedWebhook,
  };
  return gateway;
}

function findById(transactions: Transactions, call: Call): Transaction | undefined {
  const found = transactions.byId(call.account.name, Number(call.params[0]));
  return found !== undefined && isThere(found) ? found : undefined;
}

/** A page's address holds account and id, so that no table of pages has to be kept. */
function pageUrl(baseUrl: string, { account, id }: Transaction): string {
  return `${baseUrl}/v3/hosted/pay/${Buffer.from(account.name).toString('hex')}.${id.toString(36)}`;
}

function pageOf(transactions: Transactions, account: string, id: string): Transaction | undefined {
  return transactions.byId(Buffer.from(account, 'hex').toString(), Number.parseInt(id, 36));
}
