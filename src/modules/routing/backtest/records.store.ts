/** The recorded attempts, in pages from the newest on: a backtest reads hundreds of thousands, and never holds more than two pages. */
import type { Database } from '../../../kernel/database/database.js';
import { statement } from '../../../kernel/database/tx.js';
import type { Currency } from '../../../kernel/money/money.js';
import type { RoutableKind } from '../routable-kind.js';
import type { RuleSubject } from '../rules/match-rules.js';

/** An attempt at a payment or payout as it was recorded. */
export interface RecordedAttempt {
  readonly id: string;
  readonly isFirst: boolean;
  readonly livemode: boolean;
  readonly status: string;
  /** Written down when it was planned. */
  readonly reason: unknown;
  readonly gatewayFee: bigint | null;
  readonly amount: bigint;
  readonly currency: Currency;
  /** Of a payout, where it goes. */
  readonly method: RuleSubject['method'];
  readonly phone: string | null;
  readonly merchantId: string;
  readonly metadata: Readonly<Record<string, string>>;
}

// The range of ids alone bounds what a page reads, whatever of it counts: ids are time-ordered.
const readSql = statement(
  'routing.recorded_attempts',
  `SELECT a.id, a.sequence = 1 AS "isFirst", a.livemode, a.status, a.reason, a.gateway_fee AS "gatewayFee", p.amount, p.currency, coalesce(p.method, p.destination) AS method,
     p.customer ->> 'phone' AS phone, p.merchant_id AS "merchantId", p.metadata
   FROM (SELECT * FROM routing.attempt WHERE kind = $4 AND id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3) a
   JOIN routing.payment p ON p.payment_id = a.payment_id
   ORDER BY a.id DESC`,
);

/** @param before and from bounds of ids: exclusive, inclusive */
export async function readRecorded(
  database: Database,
  { kind, before, from, limit }: { kind: RoutableKind; before: string; from: string; limit: number },
): Promise<RecordedAttempt[]> {
  return database.query<RecordedAttempt>(readSql, [before, from, limit, kind]);
}

/** The least id that could have been made at a time: a UUIDv7 begins with 48 bits of milliseconds. */
export function firstIdAt(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
