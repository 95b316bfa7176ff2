/** Settlements that are to come in at the bank, the money that came in there, and what was found to be what. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { Coverage } from '../matching/policy.js';
import type { CreditSide, Received, SettlementSide } from './match-settlements.js';

/** What has not come in by then is a break that people look after, and is not looked for any more. */
const LOOKED_FOR_DAYS = 60;
/** The newest; each is compared with every credit of its time. */
export const MOST_SETTLEMENTS = 500;
export const MOST_CREDITS = 5_000;

const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

const lockStatement = statement(
  'reconciliation.lock_bank_receipts',
  `SELECT pg_try_advisory_xact_lock(hashtextextended('sankofa.reconciliation.bank_receipts', 0)) AS got`,
);

/** @returns false while somebody else looks */
export async function lockBankReceipts(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ got: boolean }>(lockStatement, []);
  return row?.got === true;
}

const stateStatement = statement(
  'reconciliation.bank_receipts_state',
  `SELECT concat_ws(' ', (SELECT updated_at FROM reconciliation.settlement ORDER BY updated_at DESC LIMIT 1),
     (SELECT closed_at FROM reconciliation.source WHERE kind = 'bank' AND state = 'committed' ORDER BY closed_at DESC LIMIT 1), current_date) AS state`,
);

/** Says the same as long as a look would find the same: the last word of gateways, the last statement, and the day. */
export async function stateOfBankReceipts(queryable: Queryable): Promise<string> {
  const [row] = await queryable.query<{ state: string }>(stateStatement, []);
  return row?.state ?? '';
}

export interface ExpectedSettlement extends SettlementSide {
  readonly gateway: string;
  readonly livemode: boolean;
}

const expectedStatement = statement(
  'reconciliation.expected_settlements',
  `SELECT id, gateway_account_id AS "gatewayAccountId", gateway, livemode, array_remove(ARRAY[gateway_id, bank_reference], NULL) AS names, net, currency,
      ${ms('settled_at')} AS "settledAt"
     FROM reconciliation.settlement
    WHERE bank_line_id IS NULL AND status = 'settled' AND net > 0 AND settled_at > now() - make_interval(days => $1)
    ORDER BY settled_at DESC, id DESC LIMIT $2`,
);

export function expectedSettlements(queryable: Queryable): Promise<readonly ExpectedSettlement[]> {
  return queryable.query<ExpectedSettlement>(expectedStatement, [LOOKED_FOR_DAYS, MOST_SETTLEMENTS]);
}

export interface OpenCredit extends CreditSide {
  readonly livemode: boolean;
  /** `2026-11-27`. */
  readonly bookedOn: string;
}

/* What was credited and taken back is no settlement; of the rest, what is nobody's yet. */
const creditsStatement = statement(
  'reconciliation.open_credits',
  `SELECT b.id, b.account, b.livemode, b.amount, b.currency, b.booked_on::text AS "bookedOn", ${ms("(b.booked_on::timestamp AT TIME ZONE 'UTC')")} AS "bookedAt",
      array_remove(array_append(ARRAY(SELECT value FROM jsonb_each_text(b.reference_texts)), b.description), NULL)
        || ARRAY(SELECT r.value FROM jsonb_array_elements(b.parts) AS p (part), jsonb_each_text(p.part -> 'references') r)
        || ARRAY(SELECT p.part ->> 'description' FROM jsonb_array_elements(b.parts) AS p (part) WHERE p.part ->> 'description' IS NOT NULL) AS texts
     FROM reconciliation.bank_line b
    WHERE b.amount > 0 AND NOT b.is_reversal AND b.booked_on >= $1::date
      AND NOT EXISTS (SELECT FROM reconciliation.settlement s WHERE s.bank_line_id = b.id)
    ORDER BY b.booked_on DESC, b.id DESC LIMIT $2`,
);

/** @param since a day */
export function openCredits(queryable: Queryable, since: string): Promise<readonly OpenCredit[]> {
  return queryable.query<OpenCredit>(creditsStatement, [since, MOST_CREDITS]);
}

export interface AccountCoverage extends Coverage {
  readonly account: string;
  readonly currency: string;
  readonly livemode: boolean;
}

const coverageStatement = statement(
  'reconciliation.bank_coverage',
  `SELECT DISTINCT b.account, b.currency, b.livemode, ${ms('s.window_from')} AS from, ${ms('s.window_to')} AS to
     FROM reconciliation.source s JOIN reconciliation.bank_line b ON b.source_id = s.id
    WHERE s.kind = 'bank' AND s.state = 'committed' AND s.window_to >= $1::date`,
);

/** Which time the statements of each account tell of, each by itself. */
export function bankCoverage(queryable: Queryable, since: string): Promise<readonly AccountCoverage[]> {
  return queryable.query<AccountCoverage>(coverageStatement, [since]);
}

const receiveStatement = statement(
  'reconciliation.receive_settlements',
  `UPDATE reconciliation.settlement s SET bank_line_id = t."lineId", received_by = t.rule, received_because = t.explanation, received_at = now()
   FROM json_to_recordset($1) AS t(id uuid, "lineId" uuid, rule text, explanation text) WHERE s.id = t.id AND s.id = ANY($2::uuid[]) AND s.bank_line_id IS NULL`,
);

export async function noteReceived(tx: Tx, received: readonly Received[]): Promise<void> {
  const rows = received.flatMap(({ settlements, credit, rule, explanation }) =>
    settlements.map(({ id }) => ({ id, lineId: credit.id, rule, explanation })),
  );
  if (rows.length > 0) await tx.query(receiveStatement, [JSON.stringify(rows), rows.map(({ id }) => id)]);
}
