/** Everything reconciliation announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { amount, currency, timestamp, uuid } from './shared.js';

export const attemptQuestioned = defineEvent(
  'reconciliation.attempt_questioned.v1',
  'attempt',
  "A gateway's books say something else of an attempt than we do, or somebody wants to know: its gateway is to be asked again.",
  z.object({
    attempt_id: uuid,
    /** We say that money moved, and the gateway's books say that it did not. */
    denied: z.boolean(),
  }),
);

export const adjustmentApproved = defineEvent(
  'reconciliation.adjustment_approved.v1',
  'resolution',
  'A difference between us and a gateway is to be booked, certain by itself or approved by a second person.',
  z.object({
    /** Also the id of the transfer. */
    resolution_id: uuid,
    livemode: z.boolean(),
    gateway_account_id: uuid,
    /** The attempt; or the gateway's line, where it belongs to none. */
    subject_id: uuid,
    /** Of the clearing account; `debit`: the gateway owes us more. */
    side: z.enum(['debit', 'credit']),
    /** What the difference is booked against. */
    account: z.enum(['gateway_fees', 'suspense', 'write_offs']),
    amount,
    currency,
    approved_at: timestamp,
  }),
);

export const settlementReceived = defineEvent(
  'reconciliation.settlement_received.v1',
  'bank_line',
  'What a gateway has settled has come in at the bank, as one entry there. It is that much less that the gateway owes us.',
  z.object({
    /** The bank's entry; also the id of the transfer. */
    bank_line_id: uuid,
    livemode: z.boolean(),
    gateway_account_id: uuid,
    /** Those that came in together. */
    settlement_ids: z.array(uuid).min(1),
    /** What came in, which may be another amount than was settled. */
    amount,
    currency,
    /** By the bank's books, `2026-11-27`. */
    booked_on: z.iso.date(),
  }),
);

export const dayReported = defineEvent(
  'reconciliation.day_reported.v1',
  'reconciliation_report',
  'The run of a day is over: how many breaks that day has, of which some are closed already.',
  z.object({
    report_id: uuid,
    gateway: z.string(),
    gateway_account_id: uuid,
    livemode: z.boolean(),
    /** `2026-11-27`, in UTC. */
    day: z.iso.date(),
    open_breaks: z.number().int().min(0),
    closed_breaks: z.number().int().min(0),
  }),
);

/** What of a gateway's books is read. */
export const listedKind = z.enum(['transactions', 'settlements', 'balances']);
export type ListedKind = z.infer<typeof listedKind>;

export const listingRequested = defineEvent(
  'reconciliation.listing_requested.v1',
  'listing',
  "A gateway account's own books over a window are wanted: from inclusive, to exclusive; of balances, those of the moment. They are told page by page, under this `listing_id`.",
  z.object({ listing_id: uuid, gateway_account_id: uuid, what: listedKind, from: timestamp, to: timestamp }),
);

export const listingWithdrawn = defineEvent(
  'reconciliation.listing_withdrawn.v1',
  'listing',
  'A listing is not wanted any more: what has not been read need not be.',
  z.object({ listing_id: uuid }),
);

/** Of one event: what is carried to another database is carried with its events. */
export const MAX_PROVED_AT_ONCE = 500;

export const capturesProved = defineEvent(
  'reconciliation.captures_proved.v1',
  'reconciliation_run',
  "A gateway's own books confirm these captures: amount, currency and that the money moved. Each attempt is told of once.",
  z.object({
    run_id: uuid,
    gateway_account_id: uuid,
    /** Attempts at payments, each of which has won its payment. */
    attempt_ids: z.array(uuid).min(1).max(MAX_PROVED_AT_ONCE),
  }),
);

export const obligationsRequested = defineEvent(
  'reconciliation.obligations_requested.v1',
  'safeguarding_check',
  'What is owed, and what gateways should hold, is to be told as the books have it.',
  z.object({
    check_id: uuid,
    /** What clearing accounts have taken in from that effective day on is told apart. */
    captured_since: z.iso.date(),
  }),
);

export const coverageJudged = defineEvent(
  'reconciliation.coverage_judged.v1',
  'safeguarding_check',
  'Whether what gateways and banks hold covers what merchants and customers are owed, in one currency. `unproved`: by our books it does, and nobody else says so. `short`: it does not.',
  z.object({
    check_id: uuid,
    livemode: z.boolean(),
    currency,
    status: z.enum(['covered', 'unproved', 'short']),
    owed: amount,
    /** Refunds and payouts that are under way: of what is owed, what may have left already. */
    on_its_way: amount,
    /** Below zero: our accounts at banks are overdrawn by more than gateways hold. */
    held: z.number().int(),
    unproved: amount,
    shortfall: amount,
  }),
);

export const reconciliationEvents = [
  attemptQuestioned,
  adjustmentApproved,
  settlementReceived,
  dayReported,
  listingRequested,
  listingWithdrawn,
  capturesProved,
  obligationsRequested,
  coverageJudged,
] as const;
