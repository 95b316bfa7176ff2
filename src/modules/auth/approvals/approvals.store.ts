import { Injectable } from '@nestjs/common';
import type { ApprovalRow, ApprovalState } from '../../../kernel/approvals/approval-view.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import type { Prisma } from '../../../kernel/database/generated/client.js';
import { idRange, orderOf, type ListCursor } from '../lists.js';

/** As it is asked for. Its hash is made of it by whoever asks, and by the database. */
export interface AskedApproval {
  readonly id: string;
  readonly kind: string;
  readonly area: string;
  readonly subject: string;
  readonly payload: string;
  /** Hex. */
  readonly payloadSha256: string;
  readonly reason: string | null;
  readonly askedBy: string;
  readonly askedIn: string;
  readonly askedAt: string;
  readonly expiresAt: string;
}

export interface Decision {
  readonly state: 'approved' | 'rejected' | 'withdrawn';
  readonly by: string;
  /** The session of whoever decides. */
  readonly in: string;
  readonly remark: string | null;
}

/** What waits longer than it may has expired, whether or not that has been written down yet. */
const STATE = `CASE WHEN state = 'pending' AND expires_at <= now() THEN 'expired' ELSE state END`;
const APPROVAL = `id, kind, area, subject, payload, encode(payload_sha256, 'hex') AS "payloadSha256", reason, ${STATE} AS state, asked_by AS "askedBy",
  asked_at AS "askedAt", expires_at AS "expiresAt", decided_by AS "decidedBy", decided_at AS "decidedAt", remark, carried_out_at AS "carriedOutAt",
  failure_code AS "failureCode", failure_detail AS "failureDetail"`;

const expireWaiting = statement(
  'auth.expire_approval',
  `UPDATE auth.approval SET state = 'expired' WHERE waiting = $1 AND expires_at <= clock_timestamp()`,
);
const insertApproval = statement(
  'auth.insert_approval',
  `INSERT INTO auth.approval (id, kind, area, subject, payload, payload_sha256, reason, state, asked_by, asked_in, asked_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, 'pending', $8, $9, $10, $11)
   ON CONFLICT (waiting) DO NOTHING RETURNING id`,
);
const insertDuplicate = statement(
  'auth.insert_duplicate_approval',
  `INSERT INTO auth.approval (id, kind, area, subject, payload, payload_sha256, reason, state, asked_by, asked_in, asked_at, expires_at, decided_at, remark)
   VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, 'withdrawn', $8, $9, $10, $11, clock_timestamp(), $12)`,
);
const selectWaiting = statement('auth.select_waiting_approval', `SELECT id FROM auth.approval WHERE waiting = $1`);
const selectApproval = statement('auth.select_approval', `SELECT ${APPROVAL} FROM auth.approval WHERE id = $1`);
const lockApproval = statement('auth.lock_approval', `SELECT ${APPROVAL} FROM auth.approval WHERE id = $1 FOR UPDATE`);
const decideApproval = statement(
  'auth.decide_approval',
  `UPDATE auth.approval SET state = $2, decided_by = $3, decided_in = $4, decided_at = clock_timestamp(), remark = $5
    WHERE id = $1 AND state = 'pending' RETURNING ${APPROVAL}`,
);
const carriedOut = statement(
  'auth.approval_carried_out',
  `UPDATE auth.approval SET state = CASE WHEN $2::text IS NULL THEN 'done' ELSE 'failed' END, carried_out_at = now(), failure_code = $2, failure_detail = $3
    WHERE id = $1 AND state = 'approved' RETURNING ${APPROVAL}`,
);

export interface ApprovalFilter {
  /** Those that the reader may see. */
  readonly areas: readonly string[];
  readonly state: ApprovalState | undefined;
  readonly kind: string | undefined;
  readonly subject: string | undefined;
  readonly askedBy: string | undefined;
  readonly cursor: ListCursor;
}

@Injectable()
export class ApprovalsStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** @returns the id of one that asks for the same and still waits, when there is one: then this one is kept as withdrawn */
  async insert(tx: Tx, asked: AskedApproval, remarkOfDuplicate: (id: string) => string): Promise<string | undefined> {
    const waiting = `${asked.kind} ${asked.payloadSha256}`;
    await tx.query(expireWaiting, [waiting]);
    if ((await tx.query(insertApproval, valuesOf(asked))).length > 0) return undefined;
    const [other] = await tx.query<{ id: string }>(selectWaiting, [waiting]);
    if (other === undefined) throw new Error('An approval is in the way of another and cannot be seen');
    await tx.query(insertDuplicate, [...valuesOf(asked), remarkOfDuplicate(other.id)]);
    return other.id;
  }

  async find(queryable: Queryable, id: string): Promise<ApprovalRow | undefined> {
    return (await queryable.query<ApprovalRow>(selectApproval, [id]))[0];
  }

  async lock(tx: Tx, id: string): Promise<ApprovalRow | undefined> {
    return (await tx.query<ApprovalRow>(lockApproval, [id]))[0];
  }

  /** @throws {DomainError} approval.decided */
  async decide(tx: Tx, id: string, decision: Decision): Promise<ApprovalRow> {
    const values = [id, decision.state, decision.by, decision.in, decision.remark];
    const [row] = await tx.query<ApprovalRow>(decideApproval, values);
    if (row === undefined) throw new DomainError('approval.decided');
    return row;
  }

  /** @returns undefined when it was told before */
  async carriedOut(
    tx: Tx,
    id: string,
    failure: { readonly code: string | null; readonly detail: string | null },
  ): Promise<ApprovalRow | undefined> {
    return (await tx.query<ApprovalRow>(carriedOut, [id, failure.code, failure.detail]))[0];
  }

  /** Newest first; with `before`, oldest first. */
  async list({ areas, state, kind, subject, askedBy, cursor }: ApprovalFilter): Promise<ApprovalRow[]> {
    const now = new Date();
    const rows = await this.database.prisma.approval.findMany({
      where: {
        ...idRange(cursor),
        area: { in: [...areas] },
        ...(state === undefined ? {} : inState(state, now)),
        ...(kind === undefined ? {} : { kind }),
        ...(subject === undefined ? {} : { subject }),
        ...(askedBy === undefined ? {} : { askedBy }),
      },
      orderBy: { id: orderOf(cursor) },
      take: cursor.take,
      omit: { waiting: true, askedIn: true, decidedIn: true },
    });
    return rows.map((row) => ({
      ...row,
      payloadSha256: Buffer.from(row.payloadSha256).toString('hex'),
      state: row.state === 'pending' && row.expiresAt <= now ? 'expired' : (row.state as ApprovalState),
    }));
  }
}

function inState(state: ApprovalState, now: Date): Prisma.ApprovalWhereInput {
  if (state === 'pending') return { state, expiresAt: { gt: now } };
  if (state === 'expired') return { OR: [{ state }, { state: 'pending', expiresAt: { lte: now } }] };
  return { state };
}

function valuesOf(asked: AskedApproval): unknown[] {
  const { id, kind, area, subject, payload, payloadSha256, reason, askedBy, askedIn, askedAt, expiresAt } = asked;
  return [id, kind, area, subject, payload, payloadSha256, reason, askedBy, askedIn, askedAt, expiresAt];
}
