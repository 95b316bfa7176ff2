import type { Call, Reply, Route } from '../../gateway.js';
import type { Movement } from '../../movements.js';
import { Records } from '../../records.js';
import type { Settlement, Settlements } from '../../settlements.js';
import type { Transaction } from '../../transactions.js';
import type { JsonObject } from '../../wire.js';
import { refuse } from './answers.js';
import { feeOf, transactionData } from './bodies.js';
import { pageOf } from './list.js';
import { subunits } from './subunits.js';

/** What Paystack pays the merchant for a charge: all of it but the fee that `verify` told. Subunits. */
export function worthOfCharge({ chargedMinor, currency }: Transaction): number {
  const amount = subunits(chargedMinor, currency);
  return amount - feeOf(amount, currency);
}

/** A refund costs its amount; the fee of the charge does not come back. Subunits. */
export function worthOfRefund({ movedMinor, currency }: Movement): number {
  return subunits(movedMinor, currency);
}

/** What was paid to the merchant; nobody is told, it has to be asked for. */
export function settlementRoutes(settlements: Settlements): Route[] {
  const list = (call: Call): Reply => {
    const status = call.request.query.get('status');
    const wanted = (): boolean => status === null || status === STATUS;
    return { answer: pageOf(call, settlements, wanted, 'Settlements retrieved', settlementData) };
  };
  const transactions = (call: Call): Reply => {
    const found = settlements.byId(call.account.name, Number(call.params[0]));
    if (found === undefined) {
      return { answer: refuse(404, 'Settlement not found', 'validation_error', 'settlement_not_found') };
    }
    const inside = new Records<Transaction>();
    for (const charge of found.charges) inside.add(charge);
    const all = (): boolean => true;
    return { answer: pageOf(call, inside, all, 'Settlement transactions retrieved', transactionData) };
  };
  return [
    { method: 'GET', path: /^\/settlement\/?$/, operation: 'list', handle: list },
    // The singular is what Paystack's own client library asks for.
    { method: 'GET', path: /^\/settlement\/(\d+)\/transactions?\/?$/, operation: 'list', handle: transactions },
  ];
}

/** In the sandbox the money is with the merchant as soon as it is settled. */
const STATUS = 'success';

function settlementData({ id, currency, charges, refunds, createdAt }: Settlement): JsonObject {
  const total = charges.reduce((sum, { chargedMinor }) => sum + subunits(chargedMinor, currency), 0);
  const processed = charges.reduce((sum, charge) => sum + worthOfCharge(charge), 0);
  const deductions = refunds.reduce((sum, refund) => sum + worthOfRefund(refund), 0);
  const created = new Date(createdAt).toISOString();
  return {
    id,
    domain: 'test',
    status: STATUS,
    currency,
    integration: 1,
    total_amount: total,
    total_fees: total - processed,
    total_processed: total,
    deductions,
    effective_amount: processed - deductions,
    settled_by: null,
    settlement_date: created,
    createdAt: created,
    updatedAt: created,
  };
}
