/** Pending transfers that have not ended. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';

export interface Overdue {
  readonly transferId: string;
  readonly expiresAt: Date;
}

const expiredStatement = statement(
  'ledger.find_expired',
  `SELECT transfer_id AS "transferId", expires_at AS "expiresAt" FROM ledger.open_pending
    WHERE expires_at <= now() ORDER BY expires_at, transfer_id LIMIT $1`,
);

/** Those whose time is over, the longest first. */
export function findExpired(db: Queryable, most: number): Promise<Overdue[]> {
  return db.query<Overdue>(expiredStatement, [most]);
}
