import type { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { checkAnswer } from './check.answers.js';
import type { Check, CoverageRow } from './checks.store.js';

const amount = (text: string): number => toJsonAmount(BigInt(text));

export type ShownCheck = z.infer<typeof checkAnswer>;

export function shownCheck(check: Check, coverage: readonly CoverageRow[]): ShownCheck {
  return {
    object: 'safeguarding_check',
    id: encodeId('safeguardingCheck', check.id),
    status: check.state,
    job: check.job,
    captured_since: check.capturedSince,
    coverage: coverage.map(shownCoverage),
    problem: check.problem,
    requested_by: check.requestedBy === null ? null : encodeId('admin', check.requestedBy),
    created_at: check.createdAt.toISOString(),
    closed_at: check.closedAt?.toISOString() ?? null,
  };
}

function shownCoverage(row: CoverageRow): ShownCheck['coverage'][number] {
  return {
    currency: row.currency,
    livemode: row.livemode,
    status: row.status,
    owed: toJsonAmount(row.owed),
    on_its_way: toJsonAmount(row.onItsWay),
    held: toJsonAmount(row.held),
    unproved: toJsonAmount(row.unproved),
    shortfall: toJsonAmount(row.shortfall),
    gateways: row.parts.gateways.map((part) => ({
      gateway_account: encodeId('gatewayAccount', part.gatewayAccountId),
      booked: amount(part.booked),
      told: part.told === null ? null : amount(part.told),
      under_way: amount(part.underWay),
      settling: amount(part.settling),
      unproved: amount(part.unproved),
      contradicted: amount(part.contradicted),
    })),
    banks: row.parts.banks.map(({ account, closing, closedOn, isRecent }) => ({
      account,
      closing_balance: amount(closing),
      closed_on: closedOn,
      recent: isRecent,
    })),
  };
}
