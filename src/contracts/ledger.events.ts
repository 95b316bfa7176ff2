/** Everything the ledger announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { amount, currency, timestamp, uuid } from './shared.js';

export const transferPosted = defineEvent(
  'ledger.transfer_posted.v1',
  'transfer',
  'A transfer was posted: one debit and one credit entry, immutable.',
  z.object({
    transfer_id: uuid,
    kind: z.string(),
    debit_account_id: uuid,
    credit_account_id: uuid,
    amount,
    currency,
    /** What the transfer is about, for example the payment's id. */
    subject_id: uuid.nullable(),
    effective_at: timestamp,
  }),
);

export const ledgerEvents = [transferPosted] as const;
