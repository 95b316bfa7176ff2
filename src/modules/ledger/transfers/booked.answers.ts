/** What was booked for something, as operators are shown it. Amounts are integer minor units. */
import { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { BookedRow, WaitingRow } from './booked.store.js';

const side = z.object({
  id: z.string(),
  kind: z.string(),
  /** Of a gateway's: its account, `gwa_...`. */
  gateway_account: z.string().nullable(),
  merchant: z.string().nullable(),
});

const bookedTransfer = z
  .object({
    object: z.literal('ledger_booking'),
    id: z.string(),
    kind: z.string(),
    debit: side,
    credit: side,
    amount: z.int(),
    currency: z.string(),
    effective_at: z.iso.datetime(),
    booked_at: z.iso.datetime(),
  })
  .meta({ id: 'LedgerBooking' });

const settlement = z
  .object({
    /** The transfer that booked the capture. */
    transfer: z.string(),
    kind: z.string(),
    amount: z.int(),
    given_back: z.int(),
    currency: z.string(),
    due_at: z.iso.datetime().nullable().describe('Null: not before the gateway confirms it, or never.'),
    proved_at: z.iso.datetime().nullable(),
    released: z.boolean(),
  })
  .meta({ id: 'BookedSettlement' });

export const bookedAnswer = z.object({
  object: z.literal('list'),
  data: z.array(bookedTransfer),
  settlements: z.array(settlement),
  has_more: z.literal(false),
});

type Side = z.infer<typeof side>;

function viewSide({ id, kind, qualifier, merchantId }: BookedRow['debit']): Side {
  return {
    id: encodeId('account', id),
    kind,
    gateway_account: kind === 'gateway_clearing' && qualifier !== '' ? encodeId('gatewayAccount', qualifier) : null,
    merchant: merchantId === null ? null : encodeId('merchant', merchantId),
  };
}

export function viewBooked(
  transfers: readonly BookedRow[],
  waiting: readonly WaitingRow[],
): z.infer<typeof bookedAnswer> {
  return {
    object: 'list',
    data: transfers.map((row) => ({
      object: 'ledger_booking',
      id: encodeId('transfer', row.id),
      kind: row.kind,
      debit: viewSide(row.debit),
      credit: viewSide(row.credit),
      amount: toJsonAmount(row.amount),
      currency: row.currency,
      effective_at: row.effectiveAt.toISOString(),
      booked_at: row.createdAt.toISOString(),
    })),
    settlements: waiting.map((row) => ({
      transfer: encodeId('transfer', row.captureId),
      kind: row.kind,
      amount: toJsonAmount(row.amount),
      given_back: toJsonAmount(row.givenBack),
      currency: row.currency,
      due_at: row.dueAt?.toISOString() ?? null,
      proved_at: row.provedAt?.toISOString() ?? null,
      released: row.isReleased,
    })),
    has_more: false,
  };
}
