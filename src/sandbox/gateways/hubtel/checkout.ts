import type { Call, OpenCall, Reply } from '../../gateway.js';
import { openHostedPage, withQuery } from '../../hosted-page.js';
import type { Transaction } from '../../transactions.js';
import { asObject, json, parseJson, text } from '../../wire.js';
import type { Office } from '../world.js';
import { CURRENCY, readAmount } from './amounts.js';
import { CODES, invalid, refuse, TROUBLE } from './answers.js';
import { transactionId } from './bodies.js';
import { readClientReference, webAddress } from './mobile-money-request.js';

/** `POST /items/initiate`: a page where the customer pays; nobody is asked before it is opened. */
export function initiateCheckout({ charges, transactions, gateway }: Office, call: Call): Reply {
  const { account, struck, baseUrl } = call;
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  if (text(body, 'merchantAccountNumber') !== account.credentials['pos_sales_id']) {
    return { answer: refuse(403, CODES.notPermitted, 'The account may not collect for this merchant account') };
  }
  const amountMinor = readAmount(body['totalAmount']);
  if (amountMinor === undefined) {
    return { answer: invalid('totalAmount must be a positive number with at most 2 decimals') };
  }
  const description = text(body, 'description');
  if (description === undefined) return { answer: invalid('description is required') };
  const [callbackUrl, returnUrl, cancellationUrl] = ['callbackUrl', 'returnUrl', 'cancellationUrl'].map((field) =>
    webAddress(body, field),
  );
  if (callbackUrl === undefined || returnUrl === undefined || cancellationUrl === undefined) {
    return { answer: invalid('callbackUrl, returnUrl and cancellationUrl must be http or https addresses') };
  }
  const clientReference = readClientReference(body['clientReference']);
  if (typeof clientReference !== 'string') return { answer: clientReference };
  if (transactions.has(account.name, clientReference)) {
    return { answer: invalid('clientReference has been used before') };
  }
  const phone = text(body, 'payeeMobileNumber');
  const opened = charges.open(
    gateway(),
    {
      account,
      reference: clientReference,
      requestedMinor: amountMinor,
      currency: CURRENCY,
      channel: 'checkout',
      customer: phone === undefined ? {} : { phone },
      start: 'invited',
      detail: { callbackUrl, returnUrl, cancellationUrl, description },
    },
    struck,
  );
  const checkoutUrl = `${baseUrl}/pay/${transactionId(opened)}`;
  const data = {
    checkoutUrl,
    checkoutId: transactionId(opened),
    clientReference,
    message: '',
    checkoutDirectUrl: `${checkoutUrl}/direct`,
  };
  return { answer: json(200, { responseCode: CODES.success, status: 'Success', data }), opened };
}

/** The page behind `checkoutUrl`, and behind `checkoutDirectUrl`, which merchants show inside their own. */
export function checkoutPage({ charges, transactions, gateway }: Office, call: OpenCall): Reply {
  const found = transactions.ofAnyAccount(Number.parseInt(call.params[0] ?? '', 16));
  const known = found?.channel === 'checkout' ? found : undefined;
  return openHostedPage(charges, gateway(), known, returnAddress);
}

function returnAddress({ detail, status, reference }: Transaction): string | undefined {
  return withQuery(text(detail, status === 'succeeded' ? 'returnUrl' : 'cancellationUrl'), {
    clientReference: reference,
  });
}
