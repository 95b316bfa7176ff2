/** What was booked for attempts, refunds and payouts: found by the ids that their transfers must have, so that no index is kept for it. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';
import { ATTEMPT_ASPECTS, DRAW_ASPECTS, transferIdOf } from './transfer-id.js';

/** What something was booked for. Uuids. */
export interface Booked {
  readonly attempts: readonly string[];
  /** Refunds and payouts. */
  readonly disbursements: readonly string[];
}

interface AccountSide {
  readonly id: string;
  readonly kind: string;
  readonly qualifier: string;
  readonly merchantId: string | null;
}

export interface BookedRow {
  readonly id: string;
  readonly kind: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly debit: AccountSide;
  readonly credit: AccountSide;
  readonly effectiveAt: Date;
  readonly createdAt: Date;
}

export interface WaitingRow {
  readonly captureId: string;
  readonly kind: string;
  readonly amount: bigint;
  readonly givenBack: bigint;
  readonly currency: string;
  readonly dueAt: Date | null;
  readonly provedAt: Date | null;
  readonly isReleased: boolean;
}

const transfersStatement = statement(
  'ledger.booked_transfers',
  `SELECT t.id, t.kind, t.amount, d.currency, t.effective_at AS "effectiveAt", t.created_at AS "createdAt",
     json_build_object('id', d.id, 'kind', d.kind, 'qualifier', d.qualifier, 'merchantId', d.merchant_id) AS debit,
     json_build_object('id', c.id, 'kind', c.kind, 'qualifier', c.qualifier, 'merchantId', c.merchant_id) AS credit
   FROM ledger.transfer t CROSS JOIN LATERAL (SELECT * FROM ledger.account WHERE id = t.debit_account_id LIMIT 1) d
     CROSS JOIN LATERAL (SELECT * FROM ledger.account WHERE id = t.credit_account_id LIMIT 1) c
   WHERE t.id = ANY($1::uuid[]) ORDER BY t.effective_at, t.created_at, t.id`,
);

/* Released is what was due before the last release of its account ended. */
const waitingStatement = statement(
  'ledger.booked_settlements',
  `SELECT s.capture_id AS "captureId", s.kind, s.amount, s.given_back AS "givenBack", a.currency, s.due_at AS "dueAt",
     s.proved_at AS "provedAt", coalesce(s.due_at <= x.settled_until, false) AS "isReleased"
   FROM ledger.settlement s CROSS JOIN LATERAL (SELECT * FROM ledger.account WHERE id = s.account_id LIMIT 1) a
     LEFT JOIN LATERAL (SELECT * FROM ledger.settling_account WHERE account_id = s.account_id LIMIT 1) x ON true
   WHERE s.capture_id = ANY($1::uuid[]) ORDER BY s.capture_id, s.kind`,
);

/** Those of them that were booked, oldest first. */
export function bookedTransfers(db: Queryable, { attempts, disbursements }: Booked): Promise<BookedRow[]> {
  const ids = [
    ...attempts.flatMap((id) => ATTEMPT_ASPECTS.map((aspect) => transferIdOf(id, aspect))),
    ...disbursements.flatMap((id) => DRAW_ASPECTS.map((aspect) => transferIdOf(id, aspect))),
  ];
  return db.query<BookedRow>(transfersStatement, [ids]);
}

/** When what the attempts captured can be used. */
export function waitingCaptures(db: Queryable, { attempts }: Booked): Promise<WaitingRow[]> {
  return db.query<WaitingRow>(waitingStatement, [attempts.map((id) => transferIdOf(id, 'capture'))]);
}
