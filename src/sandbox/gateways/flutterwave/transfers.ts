import type { Call, Gateway, Reply, Route } from '../../gateway.js';
import { exponentOf, minorFromMajor } from '../../money.js';
import type { Movement, Movements } from '../../movements.js';
import { asObject, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import type { World } from '../world.js';
import { done, refuse, TROUBLE } from './answers.js';
import { CURRENCIES } from './balances.js';
import { recordsPage } from './list.js';
import { transferData, transferStatus } from './transfer-bodies.js';

/** The words in `account_bank` that stand for a mobile money network; anything else is the code of a bank. */
const NETWORKS = new Set(['MTN', 'MPS', 'VODAFONE', 'TIGO', 'AIRTEL', 'AIRTELTIGO', 'WAVE', 'ORANGE', 'FMM', 'MPX']);

interface TransferRequest {
  readonly reference: string;
  /** Integer minor units by ISO 4217. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly accountNumber: string;
  readonly accountBank: string;
  readonly detail: JsonObject;
}

/** Money out of the balance: `/v3/transfers`. */
export function transferRoutes({ moneyOut }: World, payouts: Movements, gateway: () => Gateway): Route[] {
  const create = (call: Call): Reply => {
    const body = asObject(parseJson(call.request.body));
    if (body === undefined) return { answer: TROUBLE.malformedBody };
    const request = readTransfer(body);
    if ('status' in request) return { answer: request };
    const { reference, amountMinor, currency, accountNumber, accountBank, detail } = request;
    const { account, struck } = call;
    if (payouts.has(account.name, reference)) {
      return { answer: refuse(400, 'Transfer with the given reference already exists') };
    }
    const isMobile = NETWORKS.has(accountBank.toUpperCase());
    const opened = moneyOut.open(
      gateway(),
      {
        account,
        kind: 'payout',
        reference,
        requestedMinor: amountMinor,
        currency,
        start: 'sent',
        detail,
        ...(isMobile ? { phone: accountNumber } : {}),
      },
      struck,
    );
    if (typeof opened === 'string') {
      return { answer: refuse(400, 'Insufficient funds in your available balance to complete this transfer') };
    }
    return { answer: done('Transfer Queued Successfully', transferData(opened)), opened };
  };

  const one = (call: Call): Reply => {
    const found = payouts.byId(call.account.name, Number(call.params[0]));
    return {
      answer: found === undefined ? refuse(404, 'Transfer not found') : done('Transfer fetched', transferData(found)),
    };
  };

  const list = (call: Call): Reply => {
    const { query } = call.request;
    const [reference, status] = [query.get('reference'), query.get('status')];
    const wanted = (each: Movement): boolean =>
      (reference === null || each.reference === reference) &&
      (status === null || transferStatus(each) === status.toUpperCase());
    return { answer: recordsPage(call, payouts, wanted, 'Transfers fetched', transferData) };
  };

  return [
    { method: 'POST', path: /^\/v3\/transfers\/?$/, operation: 'payout', handle: create },
    { method: 'GET', path: /^\/v3\/transfers\/(\d+)\/?$/, operation: 'verify', handle: one },
    { method: 'GET', path: /^\/v3\/transfers\/?$/, operation: 'list', handle: list },
  ];
}

function readTransfer(body: JsonObject): TransferRequest | Answer {
  const accountBank = text(body, 'account_bank');
  if (accountBank === undefined) return refuse(400, 'account_bank is required');
  const accountNumber = text(body, 'account_number');
  if (accountNumber === undefined || !/^\+?[A-Z0-9]{6,34}$/i.test(accountNumber)) {
    return refuse(400, 'account_number is required');
  }
  const reference = text(body, 'reference');
  if (reference === undefined) return refuse(400, 'reference is required');
  const currency = text(body, 'currency');
  if (currency === undefined || !CURRENCIES.includes(currency)) {
    return refuse(400, 'currency is required and must be a supported currency');
  }
  const from = text(body, 'debit_currency');
  if (from !== undefined && from !== currency) return refuse(400, 'The sandbox does not change money');
  const exponent = exponentOf(currency) ?? 2;
  const amountMinor = minorFromMajor(body['amount'], exponent);
  if (amountMinor === undefined || amountMinor <= 0) {
    return refuse(400, `amount must be a positive number with at most ${exponent} decimals`);
  }
  const detail = {
    accountNumber,
    accountBank,
    fullName: text(body, 'beneficiary_name'),
    narration: text(body, 'narration'),
    callbackUrl: text(body, 'callback_url'),
    meta: body['meta'],
  };
  return { reference, amountMinor, currency, accountNumber, accountBank, detail };
}
