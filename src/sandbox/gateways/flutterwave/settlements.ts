import type { Call, Reply, Route } from '../../gateway.js';
import type { Movement } from '../../movements.js';
import type { Settlement, Settlements } from '../../settlements.js';
import type { JsonObject } from '../../wire.js';
import { feeOf, fromThousandths, thousandths, worthOfCharge } from './amounts.js';
import { done, refuse } from './answers.js';
import { recordsPage } from './list.js';

/** A refund costs its amount; the fee of the charge does not come back. Thousandths of the major unit. */
export function worthOfRefund({ movedMinor, currency }: Movement): number {
  return thousandths(movedMinor, currency);
}

export function settlementRoutes(settlements: Settlements): Route[] {
  const list = (call: Call): Reply => ({
    answer: recordsPage(call, settlements, () => true, 'Settlements fetched', settlementData),
  });
  const one = (call: Call): Reply => {
    const found = settlements.byId(call.account.name, Number(call.params[0]));
    if (found === undefined) return { answer: refuse(404, 'Settlement not found') };
    return { answer: done('Settlement fetched', settlementData(found)) };
  };
  return [
    { method: 'GET', path: /^\/v3\/settlements\/?$/, operation: 'list', handle: list },
    { method: 'GET', path: /^\/v3\/settlements\/(\d+)\/?$/, operation: 'verify', handle: one },
  ];
}

function settlementData({ id, currency, charges, refunds, createdAt, reference }: Settlement): JsonObject {
  const gross = charges.reduce((sum, { chargedMinor }) => sum + thousandths(chargedMinor, currency), 0);
  const fees = charges.reduce((sum, { chargedMinor }) => sum + feeOf(chargedMinor, currency), 0);
  const earned = charges.reduce((sum, charge) => sum + worthOfCharge(charge), 0);
  const givenBack = refunds.reduce((sum, refund) => sum + worthOfRefund(refund), 0);
  const at = new Date(createdAt).toISOString();
  return {
    id,
    account_id: 1,
    merchant_name: 'Sandbox',
    merchant_email: 'sandbox@example.com',
    settlement_account: '0000000000',
    bank_code: '000',
    transaction_date: at,
    due_date: at,
    processed_date: at,
    status: 'completed',
    is_local: true,
    currency,
    gross_amount: fromThousandths(gross),
    app_fee: fromThousandths(fees),
    merchant_fee: 0,
    chargeback: 0,
    refund: fromThousandths(givenBack),
    stampduty_charge: 0,
    net_amount: fromThousandths(earned - givenBack),
    transaction_count: charges.length,
    processor_ref: null,
    disburse_ref: reference,
    disburse_message: 'Settlement completed',
    channel: 'all',
    destination: 'bank',
    fx_data: null,
    flag_message: null,
    // What is inside is told by ids alone.
    meta: charges.map((charge) => charge.id),
    refund_meta: refunds.map((refund) => refund.id),
    chargeback_meta: null,
    source_bankcode: null,
    created_at: at,
  };
}
