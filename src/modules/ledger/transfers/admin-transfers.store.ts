/** One transfer of anybody's, with what it did to both accounts. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';

interface LegRow {
  readonly accountId: string;
  readonly accountKind: string;
  readonly merchantId: string | null;
  /** Null of what moved nothing: it was only held, or given free. */
  readonly version: bigint | null;
  readonly balance: bigint | null;
}

interface BookedRow {
  readonly id: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly phase: string;
  readonly kind: string;
  readonly amount: bigint;
  readonly subjectId: string | null;
  readonly pendingId: string | null;
  readonly reversesId: string | null;
  readonly groupId: string | null;
  readonly expiresAt: Date | null;
  readonly effectiveAt: Date;
  readonly bookedAt: Date;
  /** Of a pending one: what ended it. */
  readonly endedById: string | null;
  readonly reversedAmount: bigint;
  /** Of a merchant's own alone. */
  readonly subject: string | null;
  readonly description: string | null;
}

export interface BookedTransfer extends BookedRow {
  readonly debit: LegRow;
  readonly credit: LegRow;
}

const findStatement = statement(
  'ledger.find_transfer',
  `SELECT t.id, a.livemode, a.currency, t.phase, coalesce(x.kind, t.kind) AS kind, t.amount, t.subject_id AS "subjectId", t.pending_id AS "pendingId",
     t.reverses_id AS "reversesId", t.group_id AS "groupId", t.expires_at AS "expiresAt", t.effective_at AS "effectiveAt", t.created_at AS "bookedAt",
     (SELECT e.id FROM ledger.transfer e WHERE e.pending_id = t.id) AS "endedById",
     (SELECT coalesce(sum(r.amount), 0)::bigint FROM ledger.transfer r WHERE r.reverses_id = t.id) AS "reversedAmount", x.subject, x.description
   FROM ledger.transfer t JOIN ledger.account a ON a.id = t.debit_account_id LEFT JOIN ledger.client_transfer x ON x.transfer_id = t.id
   WHERE t.id = $1`,
);

/* Entries are found by their account and when they were booked, which is when their transfer was: they have no index by transfers. */
const legsStatement = statement(
  'ledger.legs_of_transfer',
  `SELECT l.side, a.id AS "accountId", a.kind AS "accountKind", a.merchant_id AS "merchantId", e.account_version AS version, e.balance
   FROM ledger.transfer t
     CROSS JOIN LATERAL (VALUES ('debit', t.debit_account_id), ('credit', t.credit_account_id)) AS l (side, account_id)
     JOIN LATERAL (SELECT * FROM ledger.account x WHERE x.id = l.account_id) a ON true
     CROSS JOIN LATERAL (SELECT ledger.version_before(l.account_id, t.created_at) AS before,
       ledger.version_before(l.account_id, t.created_at + interval '1 microsecond') AS last) v
     LEFT JOIN LATERAL (SELECT y.account_version, y.balance FROM ledger.entry y
       WHERE y.account_id = l.account_id AND y.account_version > v.before AND y.account_version <= v.last AND y.transfer_id = t.id
         AND y.direction = l.side LIMIT 1) e ON true
   WHERE t.id = $1`,
);

export async function findTransfer(db: Queryable, id: string): Promise<BookedTransfer | undefined> {
  const [booked] = await db.query<BookedRow>(findStatement, [id]);
  if (booked === undefined) return undefined;
  const legs = await db.query<LegRow & { readonly side: string }>(legsStatement, [id]);
  const [debit, credit] = ['debit', 'credit'].map((side) => legs.find((leg) => leg.side === side));
  if (debit === undefined || credit === undefined) throw new Error(`The transfer ${id} has not got two accounts`);
  return { ...booked, debit, credit };
}
