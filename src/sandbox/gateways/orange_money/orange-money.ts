import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import type { Gateway, Route } from '../../gateway.js';
import { Transactions } from '../../transactions.js';
import type { World } from '../world.js';
import { TROUBLE } from './answers.js';
import { Links, EXPIRED } from './links.js';
import { createLogin } from './login.js';
import { forgedNotification, notification } from './notification.js';
import { createWebPayment, paymentPage, transactionStatus, type OrangeOffice } from './web-payment.js';

/** Orange Money Web Payment, impersonated. It only collects: there is no endpoint to refund, to pay out or to list. */
export function createOrangeMoney(world: World): Gateway {
  const transactions = new Transactions();
  const links = new Links();
  const office: OrangeOffice = { ...world, transactions, links, gateway: () => gateway };
  const { token, authenticate } = createLogin(world);
  const gateway: Gateway = {
    name: 'orange_money',
    transactions,
    requiredCredentials: ['client_id', 'client_secret', 'merchant_key'],
    // Lives other than the usual ones, of tokens (90 days) and of payment links (10 minutes).
    optionalCredentials: ['token_seconds', 'link_seconds'],
    defaultCredentials: DEFAULT_CREDENTIALS.orange_money,
    // No reason is told for a failure.
    declineCodes: { insufficientFunds: 'FAILED', customerRejected: 'FAILED', expired: EXPIRED },
    // Whether notices are repeated is not known; one try is the harder case.
    webhookRetryMs: [],
    trouble: TROUBLE,
    routes: [
      { method: 'POST', path: /^\/oauth\/v3\/token$/, operation: 'token', open: true, handle: token },
      ...paymentRoutes(office),
    ],
    authenticate,
    isClosed: (payment) => links.isExpired(payment),
    webhook: notification,
    forgedWebhook: forgedNotification,
  };
  return gateway;
}

function paymentRoutes(office: OrangeOffice): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/orange-money-webpay\/([a-z]+)\/v1\/webpayment$/,
      operation: 'create',
      handle: (call) => createWebPayment(office, call),
    },
    {
      method: 'POST',
      path: /^\/orange-money-webpay\/([a-z]+)\/v1\/transactionstatus$/,
      operation: 'verify',
      handle: (call) => transactionStatus(office, call),
    },
    {
      method: 'GET',
      path: /^\/payment\/pay_token\/([0-9a-f]+)$/,
      operation: 'page',
      open: true,
      handle: (call) => paymentPage(office, call),
    },
  ];
}
