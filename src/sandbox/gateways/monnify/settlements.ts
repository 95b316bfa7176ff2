import { decimalText } from '../../money.js';
import type { Settlement, SettlementWorth } from '../../settlements.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import { eventData, feeMinor, timestamp } from './bodies.js';
import { event } from './webhook.js';

const KOBO = 2;

/** A payment brings what its answers call the settlement amount; a refund takes what went back. Kobo. */
export const WORTH: SettlementWorth = {
  ofCharge: ({ chargedMinor }) => chargedMinor - feeMinor(chargedMinor),
  ofRefund: ({ movedMinor }) => movedMinor,
};

/** A settlement is told and cannot be asked for: whoever misses this event reads the statement of the bank. */
export function settlementWebhook(settlement: Settlement): OutgoingWebhook {
  const { account, reference, createdAt, charges, refunds } = settlement;
  const gained = charges.reduce((sum, charge) => sum + WORTH.ofCharge(charge), 0);
  const given = refunds.reduce((sum, refund) => sum + WORTH.ofRefund(refund), 0);
  return event(account, 'SETTLEMENT', {
    settlementReference: reference,
    // A string, as in the webhook of a payment.
    amount: decimalText(gained - given, KOBO),
    settlementTime: timestamp(createdAt),
    destinationAccountNumber: account.credentials['wallet_account_number'] ?? '0000000001',
    destinationAccountName: 'Sandbox Merchant',
    destinationBankName: 'Sandbox Microfinance Bank',
    destinationBankCode: '50515',
    transactionsCount: charges.length,
    transactions: charges.map((charge) => eventData(charge)),
  });
}
