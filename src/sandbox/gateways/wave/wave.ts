import { DEFAULT_CREDENTIALS, type Account } from '../../accounts.js';
import type { Gateway, Route, WireRequest } from '../../gateway.js';
import { Movements } from '../../movements.js';
import { Transactions } from '../../transactions.js';
import { bearer, type Answer } from '../../wire.js';
import type { World } from '../world.js';
import { refuse, TROUBLE } from './answers.js';
import {
  createSession,
  expireSession,
  launchPage,
  readByTransaction,
  readOne,
  searchSessions,
  type WaveOffice,
} from './checkout.js';
import { IdempotencyKeys } from './idempotency.js';
import type { Batches } from './money-out.js';
import { moneyOutRoutes } from './money-out-routes.js';
import { ExpiredSessions } from './sessions.js';
import { forgedSessionWebhook, sessionWebhook } from './webhook.js';
import { WEBHOOK_RETRIES_MS } from '../../webhooks.js';

/** The Wave Business API: https://docs.wave.com, impersonated. */
export function createWave(world: World): Gateway {
  const transactions = new Transactions();
  const expired = new ExpiredSessions();
  const refunds = new Movements();
  const payouts = new Movements();
  const keys = new IdempotencyKeys(payouts);
  const batches: Batches = new Map();
  const office = { ...world, transactions, expired, payouts, keys, batches, gateway: () => gateway };
  const gateway: Gateway = {
    name: 'wave',
    transactions,
    requiredCredentials: ['api_key'],
    // How webhooks prove themselves: `shared_secret` as a bearer, else `signing_secret`, where two separated by a comma are
    // a rotation. `currency`: the wallet's, XOF otherwise.
    optionalCredentials: ['shared_secret', 'signing_secret', 'currency'],
    defaultCredentials: DEFAULT_CREDENTIALS.wave,
    declineCodes: {
      insufficientFunds: 'insufficient-funds',
      customerRejected: 'payment-failure',
      expired: 'payment-failure',
    },
    webhookRetryMs: WEBHOOK_RETRIES_MS,
    trouble: TROUBLE,
    routes: [...checkoutRoutes(office), ...moneyOutRoutes(office)],
    authenticate: (request) => authenticate(world, request),
    isClosed: (session) => expired.has(session),
    moneyOut: {
      refunds,
      payouts,
      declineCodes: {
        refund: { unpayable: 'checkout-refund-failed', expired: 'checkout-refund-failed' },
        payout: { unpayable: 'recipient-account-not-payable', expired: 'payout-failed' },
      },
      wallet: 'collections',
      returnsPayouts: true,
      // No event of a refund or a payout is known: the client has to ask.
      webhook: () => undefined,
    },
    webhook: sessionWebhook,
    forgedWebhook: forgedSessionWebhook,
  };
  return gateway;
}

function authenticate({ accounts }: World, { headers }: WireRequest): Account | Answer {
  if (headers.authorization === undefined) {
    return refuse(401, 'missing-auth-header', 'The Authorization header is missing');
  }
  const key = bearer(headers);
  const account = key === undefined ? undefined : accounts.find('wave', 'api_key', key);
  return account ?? refuse(401, 'invalid-auth', 'The API key is not valid');
}

function checkoutRoutes(office: WaveOffice): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/v1\/checkout\/sessions$/,
      operation: 'create',
      handle: (call) => createSession(office, call),
    },
    {
      method: 'GET',
      path: /^\/v1\/checkout\/sessions$/,
      operation: 'verify',
      handle: (call) => readByTransaction(office, call),
    },
    {
      method: 'GET',
      path: /^\/v1\/checkout\/sessions\/search$/,
      operation: 'verify',
      handle: (call) => searchSessions(office, call),
    },
    {
      method: 'GET',
      path: /^\/v1\/checkout\/sessions\/([^/]+)$/,
      operation: 'verify',
      handle: (call) => readOne(office, call),
    },
    {
      method: 'POST',
      path: /^\/v1\/checkout\/sessions\/([^/]+)\/expire$/,
      operation: 'other',
      handle: (call) => expireSession(office, call),
    },
    {
      method: 'GET',
      path: /^\/c\/([\w-]+)$/,
      operation: 'page',
      open: true,
      handle: (call) => launchPage(office, call),
    },
  ];
}
