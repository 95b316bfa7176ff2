import { accountNumber } from '../../account-number.js';
import type { Call, OpenCall, Reply } from '../../gateway.js';
import { openHostedPage, withQuery } from '../../hosted-page.js';
import type { Transaction } from '../../transactions.js';
import { asObject, html, parseJson, text, type JsonObject } from '../../wire.js';
import type { Office } from '../world.js';
import { done, doneWithoutFlag, refuse, TROUBLE } from './answers.js';
import { OPEN_MS, feeMinor, timestamp, transactionBody, twoDecimals } from './bodies.js';
import { Choice, choiceOf } from './choice.js';
import { readInitTransaction } from './init-transaction.js';
import { byTransactionReference, idIn, transactionReference } from './references.js';

/** The bank behind every dynamic account. */
const BANK = { bankName: 'Sandbox Microfinance Bank', bankCode: '50515' };

/** `POST /api/v1/merchant/transactions/init-transaction`: opens a transaction and charges nobody yet. */
export function initTransaction({ transactions, charges, gateway }: Office, call: Call): Reply {
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const { account, struck } = call;
  const order = readInitTransaction(body, account.credentials['contract_code'] ?? '');
  if ('status' in order) return { answer: order };
  const { paymentReference, amountMinor, customer, description, redirectUrl, methods, metaData } = order;
  if (transactions.has(account.name, paymentReference)) {
    return { answer: refuse(422, 'Duplicate payment reference') };
  }
  const opened = charges.open(
    gateway(),
    {
      account,
      reference: paymentReference,
      requestedMinor: amountMinor,
      currency: 'NGN',
      channel: 'monnify',
      customer,
      start: 'invited',
      detail: { description, redirectUrl, metaData, choice: new Choice(methods) },
    },
    struck,
  );
  // Whoever never reads this answer cannot make the second call: the customer of a fault "charged all the same" goes on alone.
  if (opened.plan.createAnswer !== 'truth') charges.begin(gateway(), opened);
  return { answer: done(opening(opened, call.baseUrl)), opened };
}

/** `POST /api/v1/merchant/bank-transfer/init-payment`: gives the account to pay into; asked again, it gives the same one. */
export function initBankTransfer({ transactions, charges, gateway }: Office, call: Call): Reply {
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const found = byTransactionReference(transactions, call.account.name, text(body, 'transactionReference') ?? '');
  if (found === undefined) return { answer: notFound() };
  const choice = choiceOf(found);
  if (choice === undefined || !choice.offered.includes('ACCOUNT_TRANSFER')) {
    return { answer: refuse(400, 'Payment method is not enabled for this transaction') };
  }
  if (found.status !== 'invited' && choice.accountNumber === undefined) {
    return { answer: refuse(400, 'Transaction has already been processed') };
  }
  choice.accountNumber ??= accountNumber();
  choice.method ??= 'ACCOUNT_TRANSFER';
  charges.begin(gateway(), found);
  return { answer: done(dynamicAccount(found, choice.accountNumber)) };
}

/** `GET /api/v2/transactions/:transactionReference`; the bars in it have to come as `%7C`. */
export function transactionOfPath({ transactions }: Office, call: Call): Reply {
  // A bar has no place in an address: the server in front refuses it before the API sees it.
  if (call.request.path.includes('|'))
    return { answer: html(400, '<html><body><h1>400 Bad Request</h1></body></html>') };
  const found = byTransactionReference(transactions, call.account.name, call.params[0] ?? '');
  return { answer: found === undefined ? notFound() : done(transactionBody(found)) };
}

/** `GET /api/v2/merchant/transactions/query?paymentReference=` or `?transactionReference=`. */
export function queryTransaction({ transactions }: Office, call: Call): Reply {
  const { query } = call.request;
  const ours = query.get('paymentReference');
  const theirs = query.get('transactionReference');
  if (ours === null && theirs === null) return { answer: refuse(400, 'A reference is required') };
  const found =
    ours === null
      ? byTransactionReference(transactions, call.account.name, theirs ?? '')
      : transactions.latest(call.account.name, ours);
  return { answer: found === undefined ? notFound() : doneWithoutFlag(transactionBody(found)) };
}

/** The page behind `checkoutUrl`: whoever opens it pays by card, unless an account was given out before. */
export function checkoutPage({ transactions, charges, gateway }: Office, call: OpenCall): Reply {
  const reference = call.params[0] ?? '';
  const found = transactions.ofAnyAccount(idIn(reference));
  const known = found !== undefined && transactionReference(found) === reference ? found : undefined;
  const choice = known === undefined ? undefined : choiceOf(known);
  if (choice !== undefined) choice.method ??= 'CARD';
  return openHostedPage(charges, gateway(), known, (paid) =>
    withQuery(text(paid.detail, 'redirectUrl'), { paymentReference: paid.reference }),
  );
}

function opening(transaction: Transaction, baseUrl: string): JsonObject {
  const { account, reference } = transaction;
  const theirs = transactionReference(transaction);
  return {
    transactionReference: theirs,
    paymentReference: reference,
    merchantName: 'Sandbox Merchant',
    apiKey: account.credentials['api_key'],
    enabledPaymentMethod: choiceOf(transaction)?.offered,
    checkoutUrl: `${baseUrl}/checkout/${encodeURIComponent(theirs)}`,
  };
}

function dynamicAccount(transaction: Transaction, number: string): JsonObject {
  const { requestedMinor, createdAt, reference } = transaction;
  return {
    accountNumber: number,
    accountName: 'Sandbox Merchant',
    ...BANK,
    accountDurationSeconds: OPEN_MS / 1_000,
    ussdPayment: null,
    requestTime: timestamp(createdAt),
    expiresOn: timestamp(createdAt + OPEN_MS),
    transactionReference: transactionReference(transaction),
    paymentReference: reference,
    amount: Number(twoDecimals(requestedMinor)),
    fee: Number(twoDecimals(feeMinor(requestedMinor))),
    totalPayable: Number(twoDecimals(requestedMinor)),
    collectionChannel: 'API_NOTIFICATION',
    productInformation: null,
  };
}

function notFound(): ReturnType<typeof refuse> {
  return refuse(404, 'There is no transaction matching the supplied reference');
}
