/**
 * The moves that refunds and payouts both make, set-based, each telling what it has moved. Whoever calls them has locked the rows, in
 * id order. The ids are given once more as an array, for the reason told in payments.store.ts.
 */
import { isCurrency, type Currency } from '../../kernel/money/money.js';
import { statement, type Statement, type Tx } from '../../kernel/database/tx.js';
import type { Disbursement, DisbursementStatus, MovedBy } from './disbursement.js';

/** The columns that both tables have. */
export interface DisbursementRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly livemode: boolean;
  readonly amount: bigint;
  readonly currency: string;
  readonly metadata: Record<string, string>;
  readonly status: DisbursementStatus;
  readonly failure_code: string | null;
  readonly gateway: string | null;
  readonly gateway_account_id: string | null;
  readonly attempt_id: string | null;
  readonly gateway_fee: bigint | null;
  readonly return_account_id: string | null;
  readonly return_attempt_id: string | null;
  readonly created_at: Date;
  readonly succeeded_at: Date | null;
  readonly returned_at: Date | null;
  readonly concluded_at: Date | null;
}

export interface Failure {
  readonly id: string;
  readonly failure_code: string;
}

export interface Success {
  readonly id: string;
  readonly gateway: string;
  readonly gateway_account_id: string;
  readonly attempt_id: string;
  readonly gateway_fee: number;
}

export interface Return {
  readonly id: string;
  readonly gateway_account_id: string;
  readonly attempt_id: string;
}

function currencyOf(code: string): Currency {
  if (!isCurrency(code)) throw new RangeError(`Money out is stored in ${code}, which is not a currency of ours`);
  return code;
}

function movedBy(accountId: string | null, attemptId: string | null, at: Date | null): MovedBy | null {
  return accountId === null || attemptId === null || at === null
    ? null
    : { gatewayAccountId: accountId, attemptId, at };
}

export function toDisbursement(row: DisbursementRow): Disbursement {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    livemode: row.livemode,
    amountMinor: row.amount,
    currency: currencyOf(row.currency),
    metadata: row.metadata,
    status: row.status,
    failureCode: row.failure_code,
    gateway: row.gateway,
    gatewayFeeMinor: row.gateway_fee,
    succeeded: movedBy(row.gateway_account_id, row.attempt_id, row.succeeded_at),
    returned: movedBy(row.return_account_id, row.return_attempt_id, row.returned_at),
    createdAt: row.created_at,
    concludedAt: row.concluded_at,
  };
}

/** The moves of one table's rows. */
export class DisbursementMoves<Row extends DisbursementRow, T> {
  private readonly lockStatement: Statement;
  private readonly fundStatement: Statement;
  private readonly failStatement: Statement;
  private readonly succeedStatement: Statement;
  private readonly returnStatement: Statement;

  /**
   * @param table `refund` or `payout`
   * @param whenNothing what else is set when nothing of it is out any more: `, counted = 0`
   */
  constructor(
    table: 'refund' | 'payout',
    private readonly read: (row: Row) => T,
    whenNothing = '',
  ) {
    const name = `payments.${table}`;
    // What is open has no concluded_at: saying it by its status would lead some plans over the index of all that is open.
    this.lockStatement = statement(
      `${name}.lock`,
      `SELECT id FROM ${name} WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
    );
    this.fundStatement = statement(
      `${name}.fund`,
      `UPDATE ${name} SET funded_at = now() WHERE id = ANY($1::uuid[]) AND concluded_at IS NULL AND funded_at IS NULL RETURNING *`,
    );
    this.failStatement = statement(
      `${name}.fail`,
      `UPDATE ${name} d SET status = 'failed', failure_code = r.failure_code, concluded_at = now()${whenNothing}
         FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, failure_code text)
        WHERE d.id = r.id AND d.id = ANY($2::uuid[]) AND d.concluded_at IS NULL RETURNING d.*`,
    );
    // What has come back has succeeded before, even where that is heard later: it is told, and stays what it is.
    this.succeedStatement = statement(
      `${name}.succeed`,
      `UPDATE ${name} d SET status = CASE d.status WHEN 'returned' THEN 'returned' ELSE 'succeeded' END, failure_code = NULL,
              gateway = r.gateway, gateway_account_id = r.gateway_account_id, attempt_id = r.attempt_id, gateway_fee = r.gateway_fee,
              succeeded_at = now(), concluded_at = CASE d.status WHEN 'returned' THEN d.concluded_at ELSE now() END
         FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, gateway text, gateway_account_id uuid, attempt_id uuid, gateway_fee bigint)
        WHERE d.id = r.id AND d.id = ANY($2::uuid[]) AND d.succeeded_at IS NULL RETURNING d.*`,
    );
    this.returnStatement = statement(
      `${name}.return`,
      `UPDATE ${name} d SET status = 'returned', failure_code = NULL, return_account_id = r.gateway_account_id,
              return_attempt_id = r.attempt_id, returned_at = now(), concluded_at = coalesce(d.concluded_at, now())${whenNothing}
         FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, gateway_account_id uuid, attempt_id uuid)
        WHERE d.id = r.id AND d.id = ANY($2::uuid[]) AND d.returned_at IS NULL RETURNING d.*`,
    );
  }

  async lock(tx: Tx, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await tx.query(this.lockStatement, [ids]);
  }

  /** Says of what is still open that its money is held, once. */
  async fund(tx: Tx, ids: readonly string[]): Promise<T[]> {
    if (ids.length === 0) return [];
    return (await tx.query<Row>(this.fundStatement, [ids])).map(this.read);
  }

  /** Fails what is still open; anything final stays as it is. */
  async fail(tx: Tx, failures: readonly Failure[]): Promise<T[]> {
    return this.move(tx, this.failStatement, failures);
  }

  /** What succeeds, once. */
  async succeed(tx: Tx, successes: readonly Success[]): Promise<T[]> {
    return this.move(tx, this.succeedStatement, successes);
  }

  /** What comes back, once. */
  async return(tx: Tx, returns: readonly Return[]): Promise<T[]> {
    return this.move(tx, this.returnStatement, returns);
  }

  private async move(tx: Tx, by: Statement, news: readonly { readonly id: string }[]): Promise<T[]> {
    if (news.length === 0) return [];
    return (await tx.query<Row>(by, [JSON.stringify(news), news.map(({ id }) => id)])).map(this.read);
  }
}
