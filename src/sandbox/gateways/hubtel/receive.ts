import type { Call, Reply } from '../../gateway.js';
import { asObject, json, parseJson } from '../../wire.js';
import type { Office } from '../world.js';
import { CURRENCY } from './amounts.js';
import { CODES, invalid, refuse, refuseQuery, TROUBLE } from './answers.js';
import { byTransactionId, chargeData, statusData } from './bodies.js';
import { readMobileMoney } from './mobile-money-request.js';

const FIELDS = { msisdn: 'CustomerMsisdn', name: 'CustomerName', callbackUrl: 'PrimaryCallbackUrl' };

/** `POST /merchantaccount/merchants/:pos/receive/mobilemoney`: prompts the customer's handset. */
export function receiveMobileMoney({ charges, transactions, gateway }: Office, call: Call): Reply {
  const { account, params, struck } = call;
  if (params[0] !== account.credentials['pos_sales_id']) {
    return { answer: refuse(403, CODES.notPermitted, 'The account may not collect for this POS sales id') };
  }
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const request = readMobileMoney(body, FIELDS);
  if ('status' in request) return { answer: request };
  const { msisdn, name, email, channel, amountMinor, callbackUrl, description, clientReference } = request;
  if (transactions.has(account.name, clientReference)) {
    return { answer: invalid('ClientReference has been used before') };
  }
  const opened = charges.open(
    gateway(),
    {
      account,
      reference: clientReference,
      requestedMinor: amountMinor,
      currency: CURRENCY,
      channel,
      customer: {
        phone: msisdn,
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email }),
      },
      start: 'asked',
      detail: { callbackUrl, description },
    },
    struck,
  );
  const answer = json(200, {
    Message: 'Transaction pending. Expect callback request for final state',
    ResponseCode: CODES.pending,
    Data: chargeData(opened),
  });
  return { answer, opened };
}

/** `GET /transactions/:pos/status`, by any of three references. The code says that the question was answered, not what became of the payment. */
export function receiveStatus({ transactions }: Office, call: Call): Reply {
  const { account, params, request } = call;
  if (params[0] !== account.credentials['pos_sales_id']) {
    return { answer: refuseQuery(403, CODES.notPermitted, 'The account may not ask about this POS sales id') };
  }
  const ours = request.query.get('clientReference');
  const theirs = request.query.get('hubtelTransactionId');
  const network = request.query.get('networkTransactionId');
  if (ours === null && theirs === null && network === null) {
    return { answer: refuseQuery(400, CODES.invalid, 'A reference is required') };
  }
  const byNetwork = network === null ? undefined : transactions.byId(account.name, Number(network));
  const found =
    (ours === null ? undefined : transactions.latest(account.name, ours)) ??
    (theirs === null ? undefined : byTransactionId(transactions, account.name, theirs)) ??
    (byNetwork?.status === 'succeeded' ? byNetwork : undefined);
  if (found === undefined) return { answer: refuseQuery(404, CODES.invalid, 'Transaction not found') };
  return { answer: json(200, { message: 'Successful', responseCode: CODES.success, data: statusData(found) }) };
}
