import { DEFAULT_CREDENTIALS, type Account } from '../../accounts.js';
import type { Gateway, Route, WireRequest } from '../../gateway.js';
import { Movements } from '../../movements.js';
import { Transactions } from '../../transactions.js';
import { basicUser, type Answer } from '../../wire.js';
import type { World } from '../world.js';
import { isListed } from './allow-list.js';
import { CODES, NOT_LISTED, refuse, TROUBLE } from './answers.js';
import { forgedCallback, paymentCallback } from './callback.js';
import { checkoutPage, initiateCheckout } from './checkout.js';
import { receiveMobileMoney, receiveStatus } from './receive.js';
import { sendCallback, sendMobileMoney, sendStatus, type SendOffice } from './send.js';

/** Hubtel, impersonated: its functions live on hosts of their own, whose paths do not collide, so that one listener serves all. */
export function createHubtel(world: World): Gateway {
  const transactions = new Transactions();
  const payouts = new Movements();
  const office: SendOffice = { ...world, transactions, payouts, gateway: () => gateway };
  const gateway: Gateway = {
    name: 'hubtel',
    transactions,
    requiredCredentials: ['api_id', 'api_key', 'pos_sales_id'],
    // `prepaid_deposit_id`: the deposit that money is sent from, none without it; `allowed_ips`: the addresses requests may
    // come from, separated by commas; any otherwise.
    optionalCredentials: ['prepaid_deposit_id', 'allowed_ips'],
    defaultCredentials: DEFAULT_CREDENTIALS.hubtel,
    // One code for whatever went wrong on the customer's side.
    declineCodes: { insufficientFunds: CODES.failed, customerRejected: CODES.failed, expired: CODES.failed },
    // Whether callbacks are repeated is not known; one try is the harder case, and the status has to be asked for anyway.
    webhookRetryMs: [],
    trouble: TROUBLE,
    routes: routes(office),
    authenticate: (request) => authenticate(world, request),
    moneyOut: {
      // There is no endpoint for a refund: this stays empty.
      refunds: new Movements(),
      payouts,
      declineCodes: {
        refund: { unpayable: CODES.failed, expired: CODES.failed },
        payout: { unpayable: CODES.failed, expired: CODES.failed },
      },
      wallet: 'deposit',
      returnsPayouts: false,
      webhook: sendCallback,
    },
    webhook: paymentCallback,
    forgedWebhook: forgedCallback,
  };
  return gateway;
}

function authenticate({ accounts }: World, { headers, remoteAddress }: WireRequest): Account | Answer {
  const user = basicUser(headers);
  const account = user === undefined ? undefined : accounts.find('hubtel', 'api_id', user.name);
  if (account === undefined || account.credentials['api_key'] !== user?.secret) {
    return refuse(401, CODES.notPermitted, 'The API id or the API key is not valid');
  }
  return isListed(account, remoteAddress) ? account : NOT_LISTED;
}

function routes(office: SendOffice): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/merchantaccount\/merchants\/([^/]+)\/receive\/mobilemoney$/,
      operation: 'create',
      handle: (call) => receiveMobileMoney(office, call),
    },
    {
      method: 'POST',
      path: /^\/items\/initiate$/,
      operation: 'create',
      handle: (call) => initiateCheckout(office, call),
    },
    {
      method: 'GET',
      path: /^\/transactions\/([^/]+)\/status$/,
      operation: 'verify',
      handle: (call) => receiveStatus(office, call),
    },
    {
      method: 'POST',
      path: /^\/api\/merchants\/([^/]+)\/send\/mobilemoney$/,
      operation: 'payout',
      handle: (call) => sendMobileMoney(office, call),
    },
    {
      method: 'GET',
      path: /^\/api\/merchants\/([^/]+)\/transactions\/status$/,
      operation: 'verify',
      handle: (call) => sendStatus(office, call),
    },
    {
      method: 'GET',
      path: /^\/pay\/([0-9a-f]{32})(\/direct)?$/,
      operation: 'page',
      open: true,
      handle: (call) => checkoutPage(office, call),
    },
  ];
}
