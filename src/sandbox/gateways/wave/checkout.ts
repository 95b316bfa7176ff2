import type { Call, OpenCall, Reply } from '../../gateway.js';
import { openHostedPage } from '../../hosted-page.js';
import type { Transaction } from '../../transactions.js';
import { asObject, json, parseJson, text, type Answer } from '../../wire.js';
import type { Office } from '../world.js';
import { refuse, TROUBLE } from './answers.js';
import { readSession } from './session-request.js';
import {
  sessionBody,
  sessionId,
  sessionOf,
  sessionOfAnyAccount,
  sessionOfTransaction,
  type ExpiredSessions,
} from './sessions.js';

/** What the endpoints of Wave share besides. */
export interface WaveOffice extends Office {
  readonly expired: ExpiredSessions;
}

/** `POST /v1/checkout/sessions`. A reference used before is taken again: that makes two sessions, and both can be paid. */
export function createSession({ charges, transactions, expired, gateway }: WaveOffice, call: Call): Reply {
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const request = readSession(body, call.account);
  if ('status' in request) return { answer: request };
  const { amountMinor, currency, clientReference, restrictPayerMobile, ...rest } = request;
  const opened = charges.open(
    gateway(),
    {
      account: call.account,
      reference: clientReference ?? sessionId({ id: transactions.nextId() }),
      requestedMinor: amountMinor,
      currency,
      channel: 'checkout',
      customer: restrictPayerMobile === undefined ? {} : { phone: restrictPayerMobile },
      // There is nothing but the link: the imaginary customer follows it by themselves.
      start: 'asked',
      detail: { clientReference, restrictPayerMobile, baseUrl: call.baseUrl, ...rest },
    },
    call.struck,
  );
  return { answer: json(200, sessionBody(opened, expired.has(opened), call.baseUrl)), opened };
}

/** `GET /v1/checkout/sessions/:id`. */
export function readOne({ transactions, expired }: WaveOffice, call: Call): Reply {
  const found = sessionOf(transactions, call.account.name, call.params[0] ?? '');
  return {
    answer: found === undefined ? noSuchSession() : json(200, sessionBody(found, expired.has(found), call.baseUrl)),
  };
}

/** `GET /v1/checkout/sessions?transaction_id=`. */
export function readByTransaction({ transactions, expired }: WaveOffice, call: Call): Reply {
  const id = call.request.query.get('transaction_id') ?? '';
  const found = sessionOfTransaction(transactions, call.account.name, id);
  return {
    answer: found === undefined ? noSuchSession() : json(200, sessionBody(found, expired.has(found), call.baseUrl)),
  };
}

/** `GET /v1/checkout/sessions/search?client_reference=`: a list, since nothing keeps references unique. */
export function searchSessions({ transactions, expired }: WaveOffice, call: Call): Reply {
  const reference = call.request.query.get('client_reference');
  if (reference === null || reference === '') {
    return { answer: refuse(422, 'request-validation-error', 'client_reference is required') };
  }
  const found = transactions
    .of(call.account.name, reference)
    .filter(({ detail }) => detail['clientReference'] === reference);
  return { answer: json(200, { result: found.map((each) => sessionBody(each, expired.has(each), call.baseUrl)) }) };
}

/** `POST /v1/checkout/sessions/:id/expire`: afterwards nobody can pay it; one that was paid stays paid. */
export function expireSession({ transactions, expired }: WaveOffice, call: Call): Reply {
  const found = sessionOf(transactions, call.account.name, call.params[0] ?? '');
  if (found === undefined) return { answer: noSuchSession() };
  if (found.status === 'succeeded') {
    return { answer: refuse(409, 'checkout-session-complete', 'The checkout session has been paid') };
  }
  expired.add(found);
  return { answer: { status: 200, body: '' } };
}

/** The page behind `wave_launch_url`. */
export function launchPage({ transactions, charges, expired, gateway }: WaveOffice, call: OpenCall): Reply {
  const found = sessionOfAnyAccount(transactions, call.params[0] ?? '');
  const payable = found !== undefined && expired.has(found) ? undefined : found;
  return openHostedPage(charges, gateway(), payable, returnAddress);
}

function returnAddress({ detail, status }: Transaction): string | undefined {
  return text(detail, status === 'succeeded' ? 'successUrl' : 'errorUrl');
}

export function noSuchSession(): Answer {
  return refuse(404, 'checkout-session-not-found', 'Checkout session not found');
}
