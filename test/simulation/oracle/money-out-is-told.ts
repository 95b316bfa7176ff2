import { encodeId } from '../../../src/kernel/ids/ids.js';
import type { AttemptRow, Evidence } from './evidence.js';
import type { DisbursementRow } from './money-out-evidence.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * What became of money that went out is told as it is, and last of all when it is not what was said first: paid after it had been reported as
 * failed, come back, or paid with another amount than was asked. The latter is nobody's success: it is quarantined, among the cases.
 */
export const moneyOutIsTold: Invariant = {
  name: 'money_out_is_told',
  async check(evidence) {
    const { disbursements, attemptsOf } = evidence.moneyOut;
    const told = await toldToMerchants(evidence);
    return disbursements.flatMap((row) => {
      const attempts = attemptsOf.get(row.id) ?? [];
      return [
        ...otherThanAttempts(row, attempts),
        ...attempts.flatMap((attempt) => [...otherThanAsked(row, attempt), ...hidden(evidence, row, attempt)]),
        ...(row.source === 'surplus' ? [] : untold(row, told)),
      ];
    });
  },
};

function otherThanAttempts(
  { id, kind, status }: DisbursementRow,
  attempts: readonly AttemptRow[],
): readonly Violation[] {
  const ended = (as: string): number => attempts.filter((attempt) => attempt.status === as).length;
  const isRight = {
    succeeded: ended('succeeded') === 1,
    returned: ended('succeeded') === 0 && ended('returned') > 0,
    processing: ended('succeeded') === 0,
    failed: ended('succeeded') === 0,
  }[status];
  if (isRight) return [];
  const story = attempts.map(({ gateway, status: as }) => `${gateway} ${as}`).join(', ');
  return [{ text: `${kind} ${id} is ${status} with attempts: ${story || 'none'}` }];
}

function otherThanAsked(row: DisbursementRow, attempt: AttemptRow): readonly Violation[] {
  const { gateway, status, captured_amount: amount, captured_currency: currency } = attempt;
  if (status !== 'succeeded' && status !== 'surplus' && status !== 'returned') return [];
  if (amount === row.amount && currency === row.currency) return [];
  const text = `${row.kind} ${row.id} of ${row.amount} ${row.currency} is ${status} at ${gateway}, which paid ${amount} ${currency}`;
  return [{ text }];
}

/** What was paid and not asked: a case for people, through the API. */
function hidden({ cases }: Evidence, { kind, id }: DisbursementRow, attempt: AttemptRow): readonly Violation[] {
  if (attempt.status !== 'quarantined' || cases.has(encodeId('attempt', attempt.id))) return [];
  return [{ text: `${attempt.gateway} paid another amount for ${kind} ${id}, and it is no case` }];
}

/** A merchant who was told of a failure hears of the success that came after it, and of what came back. */
function untold({ id, kind, status }: DisbursementRow, told: ReadonlySet<string>): readonly Violation[] {
  if (status === 'processing' || told.has(`${kind}.${status} ${encodeId(kind, id)}`)) return [];
  return [{ text: `${kind} ${id} is ${status}, and its merchant was never told` }];
}

async function toldToMerchants({ query }: Evidence): Promise<ReadonlySet<string>> {
  const rows = await query<{ type: string; id: string }>(
    `SELECT type, body::jsonb #>> '{data,id}' AS id FROM notification.event WHERE type ~ '^(refund|payout)[.]'`,
  );
  return new Set(rows.map(({ type, id }) => `${type} ${id}`));
}
