import { randomBytes } from 'node:crypto';
import { DEFAULT_CREDENTIALS, type Account } from '../../accounts.js';
import type { Call, Gateway, OpenCall, Reply } from '../../gateway.js';
import { openHostedPage, withQuery } from '../../hosted-page.js';
import { Movements } from '../../movements.js';
import { Settlements } from '../../settlements.js';
import { Transactions, type NewCharge, type Transaction } from '../../transactions.js';
import { asObject, bearer, parseJson, text, type Answer } from '../../wire.js';
import type { World } from '../world.js';
import { done, refuse, TROUBLE, unauthorised } from './answers.js';
import { balanceRoute } from './balances.js';
import { chargeAnswer, transactionData } from './bodies.js';
import { readCharge, readInstrument, type ChargeRequest } from './charge-request.js';
import { readList } from './list.js';
import { recipientRoutes, Recipients } from './recipients.js';
import { refundWebhook } from './refund-bodies.js';
import { refundRoutes } from './refunds.js';
import { settlementRoutes, worthOfCharge, worthOfRefund } from './settlements.js';
import { transferWebhook } from './transfer-bodies.js';
import { transferRoutes } from './transfers.js';
import { paystackWebhook, FORGED_KEY } from './webhook.js';
import { WEBHOOK_RETRIES_MS } from '../../webhooks.js';

/** Why money does not go out, in Paystack's words. */
const DECLINED_OUT = {
  refund: { unpayable: 'Refund could not be processed', expired: 'Processor timed out' },
  payout: { unpayable: 'Account could not be credited', expired: 'Transfer timed out' },
};

/** Paystack: https://paystack.com/docs/api, impersonated. */
export function createPaystack(world: World): Gateway {
  const { accounts, charges } = world;
  const transactions = new Transactions();
  const refunds = new Movements();
  const payouts = new Movements();
  const recipients = new Recipients();
  const settlements = new Settlements({ ofCharge: worthOfCharge, ofRefund: worthOfRefund });
  const pages = { of: (code: string): Transaction | undefined => pageOf(transactions, code) };
  const open = (
    call: Call,
    request: ChargeRequest,
    charge: Pick<NewCharge, 'channel' | 'start' | 'detail'>,
  ): Transaction => {
    const { reference, amountMinor, currency, customer, metadata, callbackUrl } = request;
    const detail = { metadata, callbackUrl, ...charge.detail };
    const { account, struck } = call;
    const opening = { account, reference, requestedMinor: amountMinor, currency, customer, ...charge, detail };
    return charges.open(gateway, opening, struck);
  };

  /** Reads what all charges have in common and refuses a reference that was used before. */
  const read = (call: Call): ChargeRequest | Answer => {
    const body = asObject(parseJson(call.request.body));
    if (body === undefined) return TROUBLE.malformedBody;
    const request = readCharge(body);
    if ('status' in request) return request;
    if (transactions.has(call.account.name, request.reference)) {
      const message =
        call.request.path === '/charge'
          ? `Duplicate charge request for reference ${request.reference}`
          : 'Duplicate Transaction Reference';
      return refuse(400, message, 'validation_error', 'duplicate_reference');
    }
    return request;
  };

  const initialize = (call: Call): Reply => {
    const request = read(call);
    if ('status' in request) return { answer: request };
    const accessCode = randomBytes(8).toString('hex');
    const opened = open(call, request, { channel: 'card', start: 'invited', detail: { step: 'page' } });
    // The code carries the reference, so that no table of codes has to be kept.
    const code = `${accessCode}.${pageKey(opened)}`;
    const data = {
      authorization_url: `${call.baseUrl}/checkout/${code}`,
      access_code: code,
      reference: request.reference,
    };
    return { answer: done('Authorization URL created', data), opened };
  };

  const charge = (call: Call): Reply => {
    const request = read(call);
    if ('status' in request) return { answer: request };
    const instrument = readInstrument(request);
    if ('status' in instrument) return { answer: instrument };
    const opened = open(call, request, instrument);
    return { answer: done('Charge attempted', chargeAnswer(opened, call.baseUrl, pageKey(opened))), opened };
  };

  const chargeAuthorization = (call: Call): Reply => {
    const request = read(call);
    if ('status' in request) return { answer: request };
    if (text(request.body, 'authorization_code') === undefined) {
      return { answer: refuse(400, 'Authorization code is required', 'validation_error', 'missing_params') };
    }
    const opened = open(call, request, { channel: 'card', start: 'instant', detail: {} });
    return { answer: done('Charge attempted', transactionData(opened)), opened };
  };

  /** What the customer was asked for arrives: anything but zeros will do, as no bank stands behind it. */
  const submit = (call: Call): Reply => {
    const step = call.params[0] ?? '';
    const body = asObject(parseJson(call.request.body));
    const reference = text(body, 'reference');
    const transaction = reference === undefined ? undefined : transactions.latest(call.account.name, reference);
    if (transaction === undefined) return { answer: notFound() };
    const given = text(body, step);
    if (given === undefined)
      return { answer: refuse(400, `${step} is required`, 'validation_error', 'missing_params') };
    if (transaction.detail['step'] !== step || transaction.status !== 'invited') {
      return { answer: refuse(400, `Transaction is not awaiting ${step}`, 'validation_error', 'invalid_params') };
    }
    if (/^0+$/.test(given)) return { answer: refuse(400, `Invalid ${step}`, 'validation_error', `invalid_${step}`) };
    const [next, ...later] = Array.isArray(transaction.detail['nextSteps']) ? transaction.detail['nextSteps'] : [];
    if (next === undefined) charges.begin(gateway, transaction);
    else Object.assign(transaction.detail, { step: next, nextSteps: later });
    return { answer: done('Charge attempted', chargeAnswer(transaction, call.baseUrl, pageKey(transaction))) };
  };

  const one =
    (
      message: string,
      find: (call: Call) => Transaction | undefined,
      show: (found: Transaction, call: Call) => unknown,
    ) =>
    (call: Call): Reply => {
      const found = find(call);
      return { answer: found === undefined ? notFound() : done(message, show(found, call)) };
    };
  const byReference = (call: Call): Transaction | undefined =>
    transactions.latest(call.account.name, call.params[0] ?? '');
  const byId = (call: Call): Transaction | undefined => transactions.byId(call.account.name, Number(call.params[0]));

  const checkout = (call: OpenCall): Reply =>
    openHostedPage(charges, gateway, pages.of(call.params[0] ?? ''), (paid) =>
      withQuery(text(paid.detail, 'callbackUrl'), { trxref: paid.reference, reference: paid.reference }),
    );

  const gateway: Gateway = {
    name: 'paystack',
    transactions,
    requiredCredentials: ['secret_key'],
    // `transfer_otp`: "on" where every transfer has to be confirmed with an OTP.
    optionalCredentials: ['transfer_otp'],
    defaultCredentials: DEFAULT_CREDENTIALS.paystack,
    declineCodes: {
      insufficientFunds: 'Insufficient Funds',
      customerRejected: 'Transaction declined by customer',
      expired: 'Transaction timed out',
    },
    webhookRetryMs: WEBHOOK_RETRIES_MS,
    trouble: TROUBLE,
    routes: [
      { method: 'POST', path: /^\/charge\/?$/, operation: 'create', handle: charge },
      { method: 'POST', path: /^\/transaction\/initialize\/?$/, operation: 'create', handle: initialize },
      {
        method: 'POST',
        path: /^\/transaction\/charge_authorization\/?$/,
        operation: 'create',
        handle: chargeAuthorization,
      },
      {
        method: 'GET',
        path: /^\/transaction\/verify\/([^/]+)$/,
        operation: 'verify',
        handle: one('Verification successful', byReference, transactionData),
      },
      {
        method: 'GET',
        path: /^\/charge\/([^/]+)$/,
        operation: 'verify',
        handle: one('Reference check successful', byReference, (found, call) =>
          chargeAnswer(found, call.baseUrl, pageKey(found)),
        ),
      },
      {
        method: 'POST',
        path: /^\/charge\/submit_(otp|pin|phone|birthday|address)\/?$/,
        operation: 'other',
        handle: submit,
      },
      {
        method: 'GET',
        path: /^\/transaction\/(\d+)$/,
        operation: 'verify',
        handle: one('Transaction retrieved', byId, transactionData),
      },
      {
        method: 'GET',
        path: /^\/transaction\/?$/,
        operation: 'list',
        handle: (call) => ({ answer: readList(transactions, call) }),
      },
      { method: 'GET', path: /^\/checkout\/([\w.%-]+)$/, operation: 'page', open: true, handle: checkout },
      ...refundRoutes(world, transactions, refunds, () => gateway),
      ...recipientRoutes(recipients),
      ...transferRoutes(world, recipients, payouts, () => gateway),
      balanceRoute(world.floats, () => gateway),
      ...settlementRoutes(settlements),
    ],
    settlements,
    moneyOut: {
      refunds,
      payouts,
      declineCodes: DECLINED_OUT,
      wallet: 'collections',
      returnsPayouts: true,
      // A refund is announced from its first stage on, a transfer only at its end.
      openedWebhook: (movement) => (movement.kind === 'refund' ? refundWebhook(movement) : undefined),
      webhook: (movement) => (movement.kind === 'refund' ? refundWebhook(movement) : transferWebhook(movement)),
    },
    authenticate: ({ headers }): Account | Answer => {
      const key = bearer(headers);
      if (key === undefined) return unauthorised('No Authorization Header was found');
      return accounts.find('paystack', 'secret_key', key) ?? unauthorised('Invalid key');
    },
    // There is no event for a failed charge: the client has to ask.
    webhook: (transaction) =>
      transaction.status === 'succeeded'
        ? paystackWebhook(transaction, transaction.account.credentials['secret_key'] ?? '')
        : undefined,
    forgedWebhook: (transaction) =>
      paystackWebhook({ ...transaction, status: 'succeeded', finishedAt: Date.now() }, FORGED_KEY),
  };
  return gateway;
}

/** A page's key in its address: account and id of the transaction. */
function pageKey(transaction: Transaction): string {
  return `${Buffer.from(transaction.account.name).toString('hex')}.${transaction.id.toString(36)}`;
}

function pageOf(transactions: Transactions, code: string): Transaction | undefined {
  const [, account = '', id = ''] = code.split('.');
  const found = transactions.byId(Buffer.from(account, 'hex').toString(), Number.parseInt(id, 36));
  return found?.detail['step'] === 'page' ? found : undefined;
}

function notFound(): Answer {
  return refuse(400, 'Transaction reference not found', 'validation_error', 'transaction_not_found');
}
