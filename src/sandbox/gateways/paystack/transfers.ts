import { randomBytes } from 'node:crypto';
import type { Call, Gateway, Reply, Route } from '../../gateway.js';
import type { Movement, Movements } from '../../movements.js';
import { asObject, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import type { World } from '../world.js';
import { done, refuse, TROUBLE } from './answers.js';
import { pageOf } from './list.js';
import type { Recipient, Recipients } from './recipients.js';
import { minorOf, readSubunits } from './subunits.js';
import { idOf, transferAnswer, transferData, transferStatus } from './transfer-bodies.js';

/** Stricter than a charge's: 16 to 50 characters, and no capitals. */
const REFERENCE = /^[a-z0-9_-]{16,50}$/;

interface TransferRequest {
  readonly reference: string;
  readonly recipient: Recipient;
  /** Integer minor units by ISO 4217. */
  readonly amountMinor: number;
  readonly reason: string | undefined;
}

/** Money out of the balance to a receiver: `/transfer`. */
export function transferRoutes(
  { moneyOut }: World,
  recipients: Recipients,
  payouts: Movements,
  gateway: () => Gateway,
): Route[] {
  const create = (call: Call): Reply => {
    const body = asObject(parseJson(call.request.body));
    if (body === undefined) return { answer: TROUBLE.malformedBody };
    const request = readTransfer(body, call.account.name, recipients);
    if ('status' in request) return { answer: request };
    const { reference, recipient, amountMinor, reason } = request;
    const { account, struck } = call;
    if (payouts.has(account.name, reference)) {
      const message = 'Please provide a unique reference. Reference already exists on a transfer';
      return { answer: invalid(message, 'duplicate_reference') };
    }
    const asksForOtp = account.credentials['transfer_otp'] === 'on';
    const opened = moneyOut.open(
      gateway(),
      {
        account,
        kind: 'payout',
        reference,
        requestedMinor: amountMinor,
        currency: recipient.currency,
        start: asksForOtp ? 'waiting' : 'sent',
        detail: { recipient, reason },
        ...(recipient.type === 'mobile_money' ? { phone: recipient.accountNumber ?? '' } : {}),
      },
      struck,
    );
    if (typeof opened === 'string') {
      return { answer: invalid('Your balance is not enough to fulfil this request', 'insufficient_balance') };
    }
    const message = asksForOtp ? 'Transfer requires OTP to continue' : 'Transfer has been queued';
    return { answer: done(message, transferAnswer(opened, recipient)), opened };
  };

  /** The operator's OTP arrives: any digits will do. */
  const finalize = (call: Call): Reply => {
    const body = asObject(parseJson(call.request.body));
    const found = payouts.byId(call.account.name, idOf(text(body, 'transfer_code') ?? ''));
    if (found === undefined) return { answer: notFound() };
    if (!/^\d+$/.test(text(body, 'otp') ?? '')) return { answer: invalid('OTP is required', 'missing_params') };
    if (found.status !== 'waiting') {
      return { answer: invalid('Transfer is not currently awaiting OTP', 'invalid_params') };
    }
    moneyOut.begin(gateway(), found);
    return { answer: done('Transfer has been queued', transferData(found)) };
  };

  const show = (found: Movement | undefined, message: string): Reply => ({
    answer: found === undefined ? notFound() : done(message, transferData(found)),
  });
  const verify = (call: Call): Reply =>
    show(payouts.latest(call.account.name, call.params[0] ?? ''), 'Transfer retrieved');
  const one = (call: Call): Reply =>
    show(payouts.byId(call.account.name, idOf(call.params[0] ?? '')), 'Transfer retrieved');

  const list = (call: Call): Reply => ({
    answer: pageOf(call, payouts, wantedBy(call.request.query), 'Transfers retrieved', transferData),
  });

  return [
    { method: 'POST', path: /^\/transfer\/?$/, operation: 'payout', handle: create },
    { method: 'POST', path: /^\/transfer\/finalize_transfer\/?$/, operation: 'other', handle: finalize },
    { method: 'GET', path: /^\/transfer\/verify\/([^/]+)$/, operation: 'verify', handle: verify },
    { method: 'GET', path: /^\/transfer\/([^/]+)$/, operation: 'verify', handle: one },
    { method: 'GET', path: /^\/transfer\/?$/, operation: 'list', handle: list },
  ];
}

function wantedBy(query: URLSearchParams): (transfer: Movement) => boolean {
  const [status, recipient] = [query.get('status'), query.get('recipient')];
  return (each) =>
    (status === null || transferStatus(each) === status) &&
    (recipient === null || String((each.detail['recipient'] as Recipient).id) === recipient);
}

function readTransfer(body: JsonObject, account: string, recipients: Recipients): TransferRequest | Answer {
  if (text(body, 'source') !== 'balance') return invalid('source must be balance', 'invalid_params');
  const recipient = recipients.get(account, text(body, 'recipient') ?? '');
  if (recipient === undefined) return invalid('Recipient specified is invalid', 'invalid_transfer_recipient');
  const currency = text(body, 'currency') ?? 'NGN';
  if (currency !== recipient.currency) {
    return invalid('Currency is not the one of the recipient', 'unsupported_currency');
  }
  const amountMinor = minorOf(readSubunits(body['amount']) ?? 0, currency);
  if (amountMinor <= 0) return invalid('Invalid Amount Sent', 'invalid_params');
  const given = body['reference'];
  if (given !== undefined && (typeof given !== 'string' || !REFERENCE.test(given))) {
    const message = 'A transfer reference has 16 to 50 lowercase letters, digits, "-" and "_"';
    return invalid(message, 'invalid_params');
  }
  return { reference: given ?? randomBytes(16).toString('hex'), recipient, amountMinor, reason: text(body, 'reason') };
}

function notFound(): Answer {
  return refuse(404, 'Transfer not found', 'validation_error', 'transfer_not_found');
}

function invalid(message: string, code: string): Answer {
  return refuse(400, message, 'validation_error', code);
}
