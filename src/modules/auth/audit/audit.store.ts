import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { AuditContent, AuditEntry } from './audit-entry.js';

/** An entry as it is kept. */
export interface AuditRow extends AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly actorId: string | null;
  readonly requestId: string;
  readonly route: string | null;
  readonly status: number | null;
}

export interface AuditFilter {
  readonly actorId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly type?: string | undefined;
  readonly route?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Entries older than this one. */
  readonly before?: bigint | undefined;
  readonly take: number;
}

/** One after the other: the next entry holds the hash of the last. */
const lockLog = statement('auth.lock_audit', `SELECT pg_advisory_xact_lock(hashtext('auth.audit'))`);
const selectHead = statement(
  'auth.select_audit_head',
  'SELECT seq, hash FROM auth.audit_entry ORDER BY seq DESC LIMIT 1',
);
const insertEntries = statement(
  'auth.insert_audit_entries',
  `INSERT INTO auth.audit_entry (seq, id, at, type, actor_id, request_id, route, status, content, hash)
   SELECT seq, (content::jsonb->>'id')::uuid, (content::jsonb->>'at')::timestamptz, content::jsonb->>'type', (content::jsonb->>'actor_id')::uuid,
          content::jsonb->>'request_id', content::jsonb->>'route', (content::jsonb->>'status')::int, content, hash
     FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS t(seq, content, hash)`,
);
const ROW = `seq, id, at, type, actor_id AS "actorId", request_id AS "requestId", route, status, content, hash`;
const selectAfter = statement(
  'auth.select_audit_after',
  `SELECT ${ROW} FROM auth.audit_entry WHERE seq > $1 ORDER BY seq LIMIT $2`,
);

@Injectable()
export class AuditStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** The last entry; nobody adds another until the transaction ends. Undefined: there is none. */
  async lockHead(tx: Tx): Promise<Pick<AuditEntry, 'seq' | 'hash'> | undefined> {
    await tx.query(lockLog, []);
    return this.head(tx);
  }

  async head(queryable: Queryable): Promise<Pick<AuditEntry, 'seq' | 'hash'> | undefined> {
    return (await queryable.query<Pick<AuditEntry, 'seq' | 'hash'>>(selectHead, []))[0];
  }

  async append(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
    await tx.query(insertEntries, [
      entries.map(({ seq }) => seq.toString()),
      entries.map(({ content }) => content),
      entries.map(({ hash }) => hash),
    ]);
  }

  /** By seq, from one on. */
  async after(seq: bigint, limit: number): Promise<readonly AuditRow[]> {
    return this.database.query<AuditRow>(selectAfter, [seq.toString(), limit]);
  }

  /** Newest first. */
  async list({ actorId, requestId, type, route, from, to, before, take }: AuditFilter): Promise<readonly AuditRow[]> {
    const rows = await this.database.prisma.auditEntry.findMany({
      where: {
        ...(actorId === undefined ? {} : { actorId }),
        ...(requestId === undefined ? {} : { requestId }),
        ...(type === undefined ? {} : { type }),
        ...(route === undefined ? {} : { route }),
        ...(before === undefined ? {} : { seq: { lt: before } }),
        ...(from === undefined && to === undefined
          ? {}
          : { at: { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lt: to }) } }),
      },
      orderBy: { seq: 'desc' },
      take,
    });
    return rows.map((row) => ({ ...row, hash: Buffer.from(row.hash) }));
  }

  async findById(id: string): Promise<{ readonly seq: bigint } | undefined> {
    return (await this.database.prisma.auditEntry.findUnique({ where: { id }, select: { seq: true } })) ?? undefined;
  }
}

/** Whether the columns say what the content says. */
export function isInStep(row: AuditRow, content: AuditContent): boolean {
  return (
    row.id === content.id &&
    row.at.getTime() === Date.parse(content.at) &&
    row.type === content.type &&
    row.actorId === content.actor_id &&
    row.requestId === content.request_id &&
    row.route === content.route &&
    row.status === content.status
  );
}
