/** Everything the ledger announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { amount, currency, disbursementKind, timestamp, uuid } from './shared.js';

/** One debit and one credit entry, immutable. */
const postedTransfer = z.object({
  transfer_id: uuid,
  kind: z.string(),
  debit_account_id: uuid,
  credit_account_id: uuid,
  amount,
  currency,
  effective_at: timestamp,
  /** Where it touched what a gateway owes us: whose clearing account, on which side, and for which attempt. */
  clearing: z
    .object({
      gateway_account_id: uuid,
      attempt_id: uuid,
      livemode: z.boolean(),
      /** `debit`: the gateway owes us more. */
      side: z.enum(['debit', 'credit']),
    })
    .optional(),
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

/** What money is held for: the refund's or payout's id. */
const ofHold = {
  kind: disbursementKind,
  subject_id: uuid,
  livemode: z.boolean(),
  amount,
  currency,
};

export const holdPlaced = defineEvent(
  'ledger.hold_placed.v1',
  'hold',
  'The money of a refund or payout is held: it stays where it is, and nothing else can use it.',
  z.object(ofHold),
);

export const holdRefused = defineEvent(
  'ledger.hold_refused.v1',
  'hold',
  'There is not enough to hold, and nothing is held.',
  z.object({ ...ofHold, reason: z.enum(['insufficient_funds']) }),
);

export const holdReleased = defineEvent(
  'ledger.hold_released.v1',
  'hold',
  'What was held for a refund or payout that failed can be used again.',
  z.object(ofHold),
);

export const ledgerEvents = [transfersPosted, holdPlaced, holdRefused, holdReleased] as const;
