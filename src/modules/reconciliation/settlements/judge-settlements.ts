/** What differs between a gateway's settlements and the bank. Pure. */
import type { Found } from '../matching/break.js';
import type { Coverage } from '../matching/policy.js';
import type { CreditSide, Received, SettlementSide } from './match-settlements.js';

const DAY_MS = 86_400_000;
/** A credit that is later than this is none any more: two banking days with a weekend and a holiday between them, and a day for the statement. */
const MISSED_AFTER_MS = 7 * DAY_MS;

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

/** What came in under a settlement's name and is not what it says. It is the first one's, where several came in as one. */
export function judgeReceived({ settlements, credit }: Received): readonly Found[] {
  const [first] = settlements;
  const expected = sum(settlements.map(({ net }) => net));
  if (first === undefined || expected === credit.amount) return [];
  return [
    {
      ...about(first, credit),
      kind: 'amount',
      amount: expected > credit.amount ? expected - credit.amount : credit.amount - expected,
      differences: [{ field: 'amount', ours: String(expected), theirs: String(credit.amount) }],
    },
  ];
}

/** A settlement that should have come in by now, at a bank whose statements tell of all the days on which it could have. */
export function judgeMissing(
  settlement: SettlementSide,
  coverage: readonly Coverage[],
  asOf: number,
): readonly Found[] {
  const until = settlement.settledAt + MISSED_AFTER_MS;
  if (asOf < until || settlement.net <= 0n) return [];
  if (!coverage.some(({ from, to }) => from <= settlement.settledAt && until <= to)) return [];
  return [
    {
      ...about(settlement, undefined),
      kind: 'missing_there',
      amount: settlement.net,
      differences: [{ field: 'status', ours: 'settled', theirs: null }],
    },
  ];
}

function about(
  settlement: SettlementSide,
  credit: CreditSide | undefined,
): Omit<Found, 'kind' | 'amount' | 'differences'> {
  return {
    side: 'bank',
    subject: 'settlement',
    subjectId: settlement.id,
    attemptId: null,
    lineId: credit?.id ?? null,
    merchantId: null,
    currency: settlement.currency,
    occurredAt: settlement.settledAt,
  };
}
