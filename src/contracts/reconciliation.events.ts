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

export const reconciliationEvents = [attemptQuestioned, adjustmentApproved, dayReported] as const;
