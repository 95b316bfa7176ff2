import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import type { Gateway, Route } from '../../gateway.js';
import { Movements } from '../../movements.js';
import { Settlements } from '../../settlements.js';
import { Transactions } from '../../transactions.js';
import type { Office, World } from '../world.js';
import { TROUBLE } from './answers.js';
import { checkoutPage, initBankTransfer, initTransaction, queryTransaction, transactionOfPath } from './collect.js';
import { createLogin } from './login.js';
import { moneyOutRoutes } from './money-out-routes.js';
import { movementWebhook } from './money-out-webhook.js';
import { RecentPayouts } from './recent-payouts.js';
import { settlementWebhook, WORTH } from './settlements.js';
import { forgedPaymentWebhook, paymentWebhook } from './webhook.js';
import { WEBHOOK_RETRIES_MS } from '../../webhooks.js';

/** Monnify: https://developers.monnify.com, impersonated. */
export function createMonnify(world: World): Gateway {
  const transactions = new Transactions();
  const refunds = new Movements();
  const payouts = new Movements();
  const recent = new RecentPayouts(payouts);
  const office = { ...world, transactions, refunds, payouts, recent, gateway: () => gateway };
  const { login, authenticate } = createLogin(world);
  const gateway: Gateway = {
    name: 'monnify',
    transactions,
    requiredCredentials: ['api_key', 'secret_key', 'contract_code'],
    // `wallet_account_number`: the wallet that transfers come from, none without it; `otp`: "required" for two-factor
    // authentication; `webhook_signature`: "none" sends webhooks unsigned; `token_seconds`: a token life other than an hour.
    optionalCredentials: ['wallet_account_number', 'otp', 'webhook_signature', 'token_seconds'],
    defaultCredentials: DEFAULT_CREDENTIALS.monnify,
    // No reason is told for a failure, only these words in `paymentStatus`.
    declineCodes: { insufficientFunds: 'FAILED', customerRejected: 'CANCELLED', expired: 'EXPIRED' },
    webhookRetryMs: WEBHOOK_RETRIES_MS,
    trouble: TROUBLE,
    routes: [
      { method: 'POST', path: /^\/api\/v1\/auth\/login\/?$/, operation: 'token', open: true, handle: login },
      ...collectRoutes(office),
      ...moneyOutRoutes(office),
    ],
    authenticate,
    settlements: new Settlements(WORTH),
    settlementWebhook,
    moneyOut: {
      refunds,
      payouts,
      declineCodes: {
        refund: { unpayable: 'FAILED', expired: 'FAILED' },
        payout: { unpayable: 'FAILED', expired: 'EXPIRED' },
      },
      wallet: 'collections',
      returnsPayouts: true,
      webhook: movementWebhook,
    },
    webhook: paymentWebhook,
    forgedWebhook: forgedPaymentWebhook,
  };
  return gateway;
}

function collectRoutes(office: Office): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/api\/v1\/merchant\/transactions\/init-transaction\/?$/,
      operation: 'create',
      handle: (call) => initTransaction(office, call),
    },
    {
      method: 'POST',
      path: /^\/api\/v1\/merchant\/bank-transfer\/init-payment\/?$/,
      operation: 'other',
      handle: (call) => initBankTransfer(office, call),
    },
    {
      method: 'GET',
      path: /^\/api\/v2\/transactions\/([^/]+)$/,
      operation: 'verify',
      handle: (call) => transactionOfPath(office, call),
    },
    {
      method: 'GET',
      path: /^\/api\/v2\/merchant\/transactions\/query\/?$/,
      operation: 'verify',
      handle: (call) => queryTransaction(office, call),
    },
    {
      method: 'GET',
      path: /^\/checkout\/([\w.%-]+)$/,
      operation: 'page',
      open: true,
      handle: (call) => checkoutPage(office, call),
    },
  ];
}
