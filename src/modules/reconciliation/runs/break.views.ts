/** Breaks as /admin/v1 shows them. */
import type { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { shownBankLine } from '../bank/bank-line.views.js';
import type { BankLineRow } from '../bank/bank.store.js';
import { whatIsCertain } from '../resolutions/certain.js';
import { shownResolution } from '../resolutions/resolution.views.js';
import type { Resolution } from '../resolutions/resolutions.store.js';
import { shownSettlement } from '../settlements/settlement.views.js';
import type { SettlementRow } from '../settlements/settlements.store.js';
import { shownLine } from '../sources/source.views.js';
import type { ShownLine } from '../sources/sources.store.js';
import type { breakAnswer, breakListedAnswer } from './break.answers.js';
import type { OurMovement, OurRecord } from './break-sides.store.js';
import type { BreakInFull, BreakRow } from './breaks.store.js';

export type ShownBreak = z.infer<typeof breakListedAnswer>;
export type ShownBreakInFull = z.infer<typeof breakAnswer>;

const SECOND_MS = 1_000;

/** @param now for its age: since what it is about happened */
export function shownBreak(row: BreakRow, now: Date): ShownBreak {
  const until = row.closedAt ?? now;
  const { resolution } = row;
  return {
    object: 'reconciliation_break',
    id: encodeId('break', row.id),
    kind: row.kind,
    side: row.side,
    subject: row.subject,
    status: row.closedAt === null ? 'open' : 'closed',
    gateway: row.gateway,
    gateway_account: encodeId('gatewayAccount', row.gatewayAccountId),
    livemode: row.livemode,
    merchant: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    attempt: row.attemptId === null ? null : encodeId('attempt', row.attemptId),
    reference: row.reference,
    gateway_id: row.gatewayId,
    bank_line: row.side === 'bank' && row.lineId !== null ? encodeId('bankLine', row.lineId) : null,
    amount: amountOf(row.amount),
    currency: row.currency,
    differences: row.differences.map(({ field, ours, theirs }) => ({ field, ours, theirs })),
    owner: row.owner,
    // No tolerance makes a fee something to ask about.
    asked: whatIsCertain(row, null, 0) === 'ask',
    resolution:
      resolution === null
        ? null
        : {
            id: encodeId('resolution', resolution.id),
            action: resolution.action,
            status: resolution.state,
            automatic: resolution.isAutomatic,
          },
    age_seconds: Math.max(0, Math.floor((until.getTime() - row.occurredAt.getTime()) / SECOND_MS)),
    occurred_at: row.occurredAt.toISOString(),
    opened_at: row.openedAt.toISOString(),
    // Whether settlements have come in at the bank is no run's question.
    opened_by: row.side === 'bank' ? null : encodeId('reconciliationRun', row.openedBy),
    closed_at: row.closedAt?.toISOString() ?? null,
    closed_why: row.closedWhy,
  };
}

/** What is known of each side; undefined where there is none. */
export interface Sides {
  readonly ours: OurRecord | undefined;
  readonly theirs: ShownLine | undefined;
  readonly movements: readonly OurMovement[];
  readonly settlement: SettlementRow | undefined;
  readonly entry: BankLineRow | undefined;
}

export function shownBreakInFull(
  row: BreakInFull,
  sides: Sides,
  resolutions: readonly Resolution[],
  now: Date,
): ShownBreakInFull {
  const { ours, theirs, movements, settlement, entry } = sides;
  return {
    ...shownBreak(row, now),
    closed_by: row.closedBy === null || row.side === 'bank' ? null : encodeId('reconciliationRun', row.closedBy),
    ours: ours === undefined ? null : shownRecord(ours),
    theirs: theirs === undefined ? null : shownLine(theirs),
    movements: movements.map((each) => ({
      transfer: encodeId('transfer', each.transferId),
      kind: each.kind,
      side: each.side,
      amount: toJsonAmount(each.amount),
      currency: each.currency,
      effective_at: each.effectiveAt.toISOString(),
    })),
    settlement: settlement === undefined ? null : shownSettlement(settlement),
    entry: entry === undefined ? null : shownBankLine(entry),
    resolutions: resolutions.map(shownResolution),
  };
}

function shownRecord(record: OurRecord): NonNullable<ShownBreakInFull['ours']> {
  return {
    kind: record.kind,
    subject: encodeId(record.kind, record.subjectId),
    attempt: encodeId('attempt', record.attemptId),
    reference: record.reference,
    handles: [...record.handles],
    status: record.status,
    amount: amountOf(record.amount),
    currency: record.currency,
    moved_amount: amountOf(record.movedAmount),
    moved_currency: record.movedCurrency,
    fee: amountOf(record.fee),
    started_at: record.startedAt.toISOString(),
    concluded_at: record.concludedAt?.toISOString() ?? null,
  };
}

const amountOf = (minor: bigint | null): number | null => (minor === null ? null : toJsonAmount(minor));
