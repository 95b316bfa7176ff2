/** What refunds and transfers of MTN MoMo's disbursement product share (PROVIDERS 3.5, 3.6, 3.9): one reference, made once, asked about by it. */
import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import type { GatewayAccount, GatewayOutcome } from '../gateway-adapter.js';
import { readCalled } from '../json-calls.js';
import { notSent } from '../outcomes.js';
import { asUuidV4 } from '../references.js';
import { readCreated, readDisbursement } from './mtn-momo.answers.js';
import { callbackHeader, type MtnCalls } from './mtn-momo.calls.js';
import { canDisburse, messageFor, takesCurrency } from './mtn-momo.products.js';

/**
 * A 202 may be followed by a short time of 404. A quarter of an hour is far beyond that, and beyond the time in which a request of ours can
 * still be on its way; unlike with charges no handset is asked, so nothing happens that MTN has no record of.
 */
export const DISBURSEMENT_NOT_FOUND_TRUSTED_AFTER_MS = 900_000;

/** One of the two addresses that move money out. */
export type DisbursementKind = 'refund' | 'transfer';

export interface Disbursement {
  readonly reference: string;
  readonly externalId: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly message: string | null;
  readonly callbackUrl: string;
  readonly timeoutMs: number;
  /** What this kind has besides. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export async function disburse(
  calls: MtnCalls,
  account: GatewayAccount,
  kind: DisbursementKind,
  wanted: Disbursement,
): Promise<GatewayOutcome> {
  if (!canDisburse(account)) return notSent('missing_credentials', 'merchant');
  if (!takesCurrency(account, wanted.currency)) return notSent('unsupported_currency', 'merchant');
  const message = messageFor(wanted.message, kind === 'refund' ? 'Refund' : 'Payout');
  const body = JSON.stringify({
    amount: toDecimal(wanted.amountMinor, exponentOf(wanted.currency)),
    currency: wanted.currency,
    externalId: wanted.externalId,
    payerMessage: message,
    payeeNote: message,
    ...wanted.fields,
  });
  const called = await calls.call(account, 'disbursement', {
    method: 'POST',
    path: `/disbursement/v1_0/${kind}`,
    headers: { 'x-reference-id': asUuidV4(wanted.reference), ...callbackHeader(account, wanted.callbackUrl) },
    body,
    timeoutMs: wanted.timeoutMs,
  });
  return readCalled(called, readCreated);
}

export async function disbursementStatus(
  calls: MtnCalls,
  account: GatewayAccount,
  kind: DisbursementKind,
  query: { readonly reference: string; readonly currency: Currency; readonly timeoutMs: number },
): Promise<GatewayOutcome> {
  if (!canDisburse(account)) return notSent('missing_credentials', 'merchant');
  const path = `/disbursement/v1_0/${kind}/${asUuidV4(query.reference)}`;
  const called = await calls.call(account, 'disbursement', { method: 'GET', path, timeoutMs: query.timeoutMs });
  return readCalled(called, (answer) => readDisbursement(answer, query.currency));
}
