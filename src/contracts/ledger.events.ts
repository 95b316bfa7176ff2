/** Everything the ledger announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { amount, currency, timestamp, uuid } from './shared.js';

/** One debit and one credit entry, immutable. */
const postedTransfer = z.object({
  transfer_id: uuid,
  kind: z.string(),
  debit_account_id: uuid,
  credit_account_id: uuid,
  amount,
  currency,
  effective_at: timestamp,
});

export const transfersPosted = defineEvent(
  'ledger.transfers_posted.v1',
  'posting',
  'Transfers were posted together: all that one event called for.',
  z.object({
    /** What the transfers are about, for example the payment's id. */
    subject_id: uuid,
    transfers: z.array(postedTransfer).min(1),
  }),
);

export const ledgerEvents = [transfersPosted] as const;
