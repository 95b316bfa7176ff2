import { randomBytes } from 'node:crypto';
import type { Call, OpenCall, Reply } from '../../gateway.js';
import { openHostedPage } from '../../hosted-page.js';
import type { Transaction } from '../../transactions.js';
import { asObject, json, parseJson, text, type JsonObject } from '../../wire.js';
import type { Office } from '../world.js';
import { invalidField, CODES, refuse, TROUBLE } from './answers.js';
import { COUNTRIES, readAmount } from './countries.js';
import { byPayToken, newPayToken, type Links } from './links.js';
import { transactionNumber } from './notification.js';
import { readPayment } from './payment-request.js';

/** What the endpoints of Orange share besides. */
export interface OrangeOffice extends Office {
  readonly links: Links;
}

/** `POST /orange-money-webpay/:country/v1/webpayment`: a link to pay at. */
export function createWebPayment({ charges, transactions, gateway }: OrangeOffice, call: Call): Reply {
  const country = COUNTRIES.get(call.params[0] ?? '');
  if (country === undefined) return { answer: TROUBLE.noSuchRoute };
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const { account, struck, baseUrl } = call;
  const request = readPayment(body, country, account);
  if ('status' in request) return { answer: request };
  const { orderId, amountMinor, returnUrl, cancelUrl, notifUrl, reference } = request;
  if (transactions.has(account.name, orderId)) return { answer: invalidField('order_id', 'has been used before') };
  const payToken = newPayToken(transactions.nextId());
  const notifToken = randomBytes(16).toString('hex');
  const opened = charges.open(
    gateway(),
    {
      account,
      reference: orderId,
      requestedMinor: amountMinor,
      currency: country.currency,
      channel: 'webpayment',
      customer: payer(reference),
      // There is nothing but the link: the imaginary customer follows it by themselves.
      start: 'asked',
      detail: { payToken, notifToken, returnUrl, cancelUrl, notifUrl, country },
    },
    struck,
  );
  const answer = json(201, {
    status: 201,
    message: 'OK',
    pay_token: payToken,
    payment_url: `${baseUrl}/payment/pay_token/${payToken}`,
    notif_token: notifToken,
  });
  return { answer, opened };
}

/** `POST .../transactionstatus`: only who knows order, amount and token gets an answer. */
export function transactionStatus({ transactions, links }: OrangeOffice, call: Call): Reply {
  const country = COUNTRIES.get(call.params[0] ?? '');
  if (country === undefined) return { answer: TROUBLE.noSuchRoute };
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const found = transactions.latest(call.account.name, text(body, 'order_id') ?? '');
  const isTheOne =
    found !== undefined &&
    found.detail['country'] === country &&
    found.detail['payToken'] === text(body, 'pay_token') &&
    found.requestedMinor === readAmount(body['amount'], country);
  if (!isTheOne) {
    const description = 'No payment has this order_id, amount and pay_token';
    return { answer: refuse(404, CODES.notFound, 'Resource not found', description) };
  }
  return { answer: json(200, statusBody(found, links)) };
}

/** The page behind `payment_url`: opening it is the customer's confirmation. */
export function paymentPage({ transactions, charges, links, gateway }: OrangeOffice, call: OpenCall): Reply {
  const found = byPayToken(transactions, call.params[0] ?? '');
  if (found === undefined || links.isExpired(found)) {
    return openHostedPage(charges, gateway(), undefined, returnAddress);
  }
  links.confirm(found);
  return openHostedPage(charges, gateway(), found, returnAddress);
}

function statusBody(payment: Transaction, links: Links): JsonObject {
  const isPaid = payment.status === 'succeeded';
  return {
    status: links.statusWord(payment),
    order_id: payment.reference,
    txnid: isPaid ? transactionNumber(payment) : '',
  };
}

/** The request has no field for the customer's number; one in `reference`, and nothing else in it, is taken for it. */
function payer(reference: string | undefined): { phone?: string } {
  return reference !== undefined && /^\+?\d{8,15}$/.test(reference) ? { phone: reference } : {};
}

function returnAddress({ detail, status }: Transaction): string | undefined {
  return text(detail, status === 'succeeded' ? 'returnUrl' : 'cancelUrl');
}
