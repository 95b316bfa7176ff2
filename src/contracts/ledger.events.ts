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

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

export const headSigned = defineEvent(
  'ledger.head_signed.v1',
  'chain',
  'The ledger is chained up to a block, and that is signed: whoever keeps this can tell later whether the chain was rewritten or cut short.',
  z.object({
    height: z.number().int().positive(),
    block_hash: hex32,
    /** In that block and all before it. */
    entries: z.number().int().min(0),
    /** RFC 3339 in UTC with microseconds; it is signed as it stands. */
    signed_at: z.string(),
    key_id: z.string(),
    /** Ed25519, base64url. */
    signature: z.string(),
  }),
);

const driftedTotal = z.object({
  /** `debits_posted`, `credits_posted`, `debits_pending`, `credits_pending`, `version`, `balance` or `day_totals`. */
  column: z.string(),
  /** Decimal, since a total that is wrong may be anything. */
  stands: z.string(),
  adds_up_to: z.string(),
});

export const accountDrifted = defineEvent(
  'ledger.account_drifted.v1',
  'account',
  'An account is not what its entries, holds and pending transfers add up to.',
  z.object({
    account_id: uuid,
    livemode: z.boolean(),
    currency,
    kind: z.string(),
    /** Whether it was frozen for that. */
    frozen: z.boolean(),
    found_at: timestamp,
    totals: z.array(driftedTotal).min(1),
  }),
);

export const obligationsTold = defineEvent(
  'ledger.obligations_told.v1',
  'safeguarding_check',
  'What is owed to merchants and customers, and what each gateway account should hold, as the books had it at one moment.',
  z.object({
    check_id: uuid,
    told_at: timestamp,
    owed: z.array(
      z.object({
        livemode: z.boolean(),
        currency,
        /** To all that are owed anything; what others owe us is not taken off. */
        merchants: amount,
        /** Surplus captures and what else is somebody's. */
        customers: amount,
        /** Of both, what is held for refunds and payouts. */
        on_its_way: amount,
      }),
    ),
    clearing: z.array(
      z.object({
        gateway_account_id: uuid,
        livemode: z.boolean(),
        currency,
        /** What the gateway owes us; below zero: what we owe it, or have put in ourselves. */
        balance: z.number().int(),
        /** What came in since `captured_since`. */
        captured: amount,
      }),
    ),
  }),
);

export const ledgerEvents = [
  transfersPosted,
  holdPlaced,
  holdRefused,
  holdReleased,
  headSigned,
  accountDrifted,
  obligationsTold,
] as const;
