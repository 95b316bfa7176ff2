/** Releases and what waits, for reading. */
import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import type { Owner, Window } from '../accounts/accounts.store.js';
import { readerFor } from '../reader.js';

export interface ReleaseRow {
  readonly id: string;
  readonly accountId: string;
  readonly accountKind: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly settledFrom: Date;
  readonly settledUntil: Date;
  readonly payments: number;
  readonly matured: bigint;
  readonly amount: bigint;
  readonly transferId: string | null;
  readonly releasedAt: Date;
}

/** A part of a capture that waits, or that a release contains. */
export interface SettlementRow {
  readonly captureId: string;
  readonly kind: string;
  readonly paymentId: string;
  readonly amount: bigint;
  readonly givenBack: bigint;
  readonly dueAt: Date | null;
  readonly provedAt: Date | null;
  readonly policyId: string | null;
}

export interface UpcomingRow {
  readonly currency: string;
  readonly accountKind: string;
  /** Null: not before it is proved, or never. */
  readonly dueAt: Date | null;
  readonly payments: number;
  readonly amount: bigint;
}

/** Merchants have two such accounts per currency and mode; what is due together is told together. */
const MAX_UPCOMING = 200;

const RELEASES = `SELECT r.id, r.account_id AS "accountId", a.kind AS "accountKind", a.livemode, a.currency, r.settled_from AS "settledFrom",
    r.settled_until AS "settledUntil", r.payments, r.matured, r.amount, r.transfer_id AS "transferId", r.released_at AS "releasedAt"
  FROM ledger.account a JOIN ledger.release r ON r.account_id = a.id
  WHERE a.merchant_id = $1 AND a.livemode = $2 AND a.kind IN ('merchant_pending', 'merchant_rolling_reserve')`;

const newestStatement = statement(
  'ledger.newest_releases',
  `${RELEASES} AND ($3::uuid IS NULL OR r.id < $3) ORDER BY r.id DESC LIMIT $4`,
);
const beforeStatement = statement('ledger.releases_before', `${RELEASES} AND r.id > $3 ORDER BY r.id ASC LIMIT $4`);

const findStatement = statement(
  'ledger.find_release',
  `SELECT r.id, r.account_id AS "accountId", a.kind AS "accountKind", a.livemode, a.currency, r.settled_from AS "settledFrom",
     r.settled_until AS "settledUntil", r.payments, r.matured, r.amount, r.transfer_id AS "transferId", r.released_at AS "releasedAt"
   FROM ledger.release r JOIN ledger.account a ON a.id = r.account_id
   WHERE r.id = $1 AND ($2::uuid IS NULL OR a.merchant_id = $2 AND a.livemode = $3)`,
);

const SETTLEMENTS = `SELECT s.capture_id AS "captureId", s.kind, s.payment_id AS "paymentId", s.amount, s.given_back AS "givenBack",
    s.due_at AS "dueAt", s.proved_at AS "provedAt", s.policy_id AS "policyId"
  FROM ledger.settlement s JOIN ledger.release r ON r.account_id = s.account_id AND s.due_at > r.settled_from AND s.due_at <= r.settled_until
  WHERE r.id = $1`;

const containedStatement = statement(
  'ledger.contained_settlements',
  `${SETTLEMENTS} AND ($2::uuid IS NULL OR s.capture_id > $2) ORDER BY s.capture_id LIMIT $3`,
);
const containedBeforeStatement = statement(
  'ledger.contained_settlements_before',
  `${SETTLEMENTS} AND s.capture_id < $2 ORDER BY s.capture_id DESC LIMIT $3`,
);

/* By the hour: policies by days make everything due at one moment anyway. */
const upcomingStatement = statement(
  'ledger.upcoming_releases',
  `SELECT a.currency, a.kind AS "accountKind", max(s.due_at) AS "dueAt", count(*)::int AS payments,
     sum(s.amount - least(s.amount, greatest(s.given_back, 0)))::bigint AS amount
   FROM ledger.account a JOIN ledger.settling_account x ON x.account_id = a.id
     JOIN LATERAL (
       SELECT * FROM ledger.settlement w WHERE w.account_id = a.id AND w.due_at > x.settled_until
       UNION ALL SELECT * FROM ledger.settlement w WHERE w.account_id = a.id AND w.due_at IS NULL
     ) s ON true
   WHERE a.merchant_id = $1 AND a.livemode = $2 AND a.kind IN ('merchant_pending', 'merchant_rolling_reserve')
   GROUP BY a.currency, a.kind, date_trunc('hour', s.due_at) ORDER BY max(s.due_at) NULLS LAST, a.currency, a.kind LIMIT $3`,
);

@Injectable()
export class ReleasesStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('ledger');
  }

  /** Of a merchant, newest first after the cursor, or oldest first before it. */
  list(owner: Owner, { after, before, take }: Window<string>): Promise<ReleaseRow[]> {
    const { merchantId, livemode } = owner;
    const reader = this.database.asTenant(owner);
    if (before !== undefined) return reader.query(beforeStatement, [merchantId, livemode, before, take]);
    return reader.query(newestStatement, [merchantId, livemode, after ?? null, take]);
  }

  /**
   * @param owner null for an operator, who sees every release
   * @param id as the API writes it
   * @throws {DomainError} `ledger.release_not_found`, for what is no id and for another's alike
   */
  async get(owner: Owner | null, id: string): Promise<ReleaseRow> {
    const uuid = decodeId('release', id);
    const of = [uuid, owner?.merchantId ?? null, owner?.livemode ?? null];
    const [row] = uuid === undefined ? [] : await readerFor(this.database, owner).query<ReleaseRow>(findStatement, of);
    if (row === undefined) throw new DomainError('ledger.release_not_found');
    return row;
  }

  /**
   * What a release contains, oldest first after the cursor, or newest first before it.
   * @param owner null for an operator
   */
  contained(owner: Owner | null, releaseId: string, { after, before, take }: Window<string>): Promise<SettlementRow[]> {
    const reader = readerFor(this.database, owner);
    if (before !== undefined) return reader.query(containedBeforeStatement, [releaseId, before, take]);
    return reader.query(containedStatement, [releaseId, after ?? null, take]);
  }

  /** What waits, by when it is due; what is due at no known time comes last. */
  upcoming(owner: Owner): Promise<UpcomingRow[]> {
    const { merchantId, livemode } = owner;
    return this.database.asTenant(owner).query(upcomingStatement, [merchantId, livemode, MAX_UPCOMING]);
  }
}
