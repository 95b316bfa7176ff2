import type { Account, Accounts } from '../../accounts.js';
import type { OpenCall, Reply, WireRequest } from '../../gateway.js';
import { basicUser, bearer, json, type Answer } from '../../wire.js';
import { refuseAccess } from './answers.js';
import type { Product, Tokens } from './tokens.js';

const SUBSCRIPTION_KEY = 'ocp-apim-subscription-key';

const CREDENTIALS: Readonly<Record<Product, { user: string; key: string; subscription: string }>> = {
  collection: { user: 'api_user', key: 'api_key', subscription: 'subscription_key' },
  disbursement: {
    user: 'disbursement_api_user',
    key: 'disbursement_api_key',
    subscription: 'disbursement_subscription_key',
  },
};

/** @returns the product a path belongs to. */
export function productOf(path: string): Product {
  return path.startsWith('/disbursement/') ? 'disbursement' : 'collection';
}

/** `POST /{product}/token/`: a token for the account whose API user, API key and subscription key of that product all agree. */
export function issueToken(accounts: Accounts, tokens: Tokens, { request: { headers, path } }: OpenCall): Reply {
  const product = productOf(path);
  const { user, key, subscription } = CREDENTIALS[product];
  const told = basicUser(headers);
  const account = told === undefined ? undefined : accounts.find('mtn_momo', user, told.name);
  const { [key]: secret, [subscription]: subscriptionKey } = account?.credentials ?? {};
  if (account === undefined || secret !== told?.secret || subscriptionKey !== headers[SUBSCRIPTION_KEY]) {
    return { answer: refuseAccess('Access denied due to invalid credentials.') };
  }
  return { answer: json(200, tokens.issue(account, product)) };
}

export function authenticate(accounts: Accounts, tokens: Tokens, { headers, path }: WireRequest): Account | Answer {
  const product = productOf(path);
  const presented = bearer(headers);
  const known = presented === undefined ? undefined : tokens.find(presented);
  const account = known?.product === product ? accounts.get('mtn_momo', known.account) : undefined;
  if (account === undefined) return refuseAccess('Access denied due to missing or expired token.');
  const expected = account.credentials[CREDENTIALS[product].subscription];
  if (expected === undefined || expected !== headers[SUBSCRIPTION_KEY]) {
    return refuseAccess('Access denied due to invalid subscription key.');
  }
  return account;
}
