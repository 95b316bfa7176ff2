/** How a transfer looks to operators. Amounts are integer minor units. */
import { z } from 'zod';
import { encodeId, type IdKind } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { about, aboutOf } from '../accounts/about.js';
import { encodeEntryId } from '../accounts/entry-id.js';
import type { BookedTransfer } from './admin-transfers.store.js';

const leg = z.object({
  direction: z.enum(['debit', 'credit']),
  account_id: z.string(),
  account_kind: z.string(),
  merchant_id: z.string().nullable(),
  amount: z.int(),
  entry_id: z.string().nullable().describe('Null: it moved nothing, since it was only held or given free.'),
  balance: z.int().nullable().describe('What stood on the account then.'),
});

export const adminTransferAnswer = z
  .object({
    object: z.literal('ledger_transfer'),
    id: z.string(),
    livemode: z.boolean(),
    phase: z
      .string()
      .describe('`single`, `post` and `reverse` move money; `pending` holds it; `void` and `expire` give it free.'),
    kind: z.string(),
    amount: z.int(),
    currency: z.string(),
    ...about,
    subject: z.string().nullable().describe('As the merchant named it, of its own transfers.'),
    description: z.string().nullable(),
    pending_id: z.string().nullable(),
    ended_by: z.string().nullable().describe('The transfer that ended this pending one.'),
    reverses_id: z.string().nullable(),
    reversed_amount: z.int(),
    group_id: z.string().nullable(),
    expires_at: z.iso.datetime().nullable(),
    effective_at: z.iso.datetime(),
    booked_at: z.iso.datetime(),
    legs: z.array(leg).describe('The debit first.'),
  })
  .meta({ id: 'BookedTransfer' });

export type AdminTransferView = z.infer<typeof adminTransferAnswer>;

export function viewBookedTransfer(row: BookedTransfer): AdminTransferView {
  const idOf = (kind: IdKind, id: string | null): string | null => (id === null ? null : encodeId(kind, id));
  return {
    object: 'ledger_transfer',
    id: encodeId('transfer', row.id),
    livemode: row.livemode,
    phase: row.phase,
    kind: row.kind,
    amount: toJsonAmount(row.amount),
    currency: row.currency,
    ...aboutOf(row.kind, row.subjectId),
    subject: row.subject,
    description: row.description,
    pending_id: idOf('transfer', row.pendingId),
    ended_by: idOf('transfer', row.endedById),
    reverses_id: idOf('transfer', row.reversesId),
    reversed_amount: toJsonAmount(row.reversedAmount),
    group_id: idOf('transfer', row.groupId),
    expires_at: row.expiresAt?.toISOString() ?? null,
    effective_at: row.effectiveAt.toISOString(),
    booked_at: row.bookedAt.toISOString(),
    legs: (['debit', 'credit'] as const).map((direction) => {
      const { accountId, accountKind, merchantId, version, balance } = row[direction];
      return {
        direction,
        account_id: encodeId('account', accountId),
        account_kind: accountKind,
        merchant_id: idOf('merchant', merchantId),
        amount: toJsonAmount(row.amount),
        entry_id: version === null ? null : encodeEntryId(accountId, version),
        balance: balance === null ? null : toJsonAmount(balance),
      };
    }),
  };
}
