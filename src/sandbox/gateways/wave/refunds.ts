import type { Call, Reply } from '../../gateway.js';
import type { Transaction } from '../../transactions.js';
import { noSuchSession } from './checkout.js';
import { refuse } from './answers.js';
import type { PayoutOffice } from './money-out.js';
import { sessionOf, sessionOfTransaction } from './sessions.js';

/** `POST /v1/checkout/sessions/:id/refund`: the whole payment, once. */
export function refundSession(office: PayoutOffice, call: Call): Reply {
  const found = sessionOf(office.transactions, call.account.name, call.params[0] ?? '');
  return found === undefined ? { answer: noSuchSession() } : refund(office, call, found);
}

/** `POST /v1/transactions/:id/refund`: the same for who knows the transaction. */
export function refundTransaction(office: PayoutOffice, call: Call): Reply {
  const found = sessionOfTransaction(office.transactions, call.account.name, call.params[0] ?? '');
  if (found === undefined) return { answer: refuse(404, 'transaction-not-found', 'Transaction not found') };
  return refund(office, call, found);
}

/** There is no reference for a refund and nothing to ask about it: the list of transactions shows it once it was paid. */
function refund({ moneyOut, gateway }: PayoutOffice, call: Call, charge: Transaction): Reply {
  const { account, struck } = call;
  if (charge.status !== 'succeeded') {
    return { answer: refuse(409, 'checkout-refund-failed', 'Only a paid session can be refunded') };
  }
  const { reference, chargedMinor, currency } = charge;
  const opened = moneyOut.open(
    gateway(),
    { account, kind: 'refund', reference, requestedMinor: chargedMinor, currency, charge, start: 'sent', detail: {} },
    struck,
  );
  if (opened === 'above_rest') {
    return { answer: refuse(409, 'checkout-refund-failed', 'The payment has been refunded already') };
  }
  if (opened === 'above_balance') {
    return { answer: refuse(409, 'insufficient-funds', 'The wallet does not hold enough for this refund') };
  }
  return { answer: { status: 200, body: '' }, opened };
}
